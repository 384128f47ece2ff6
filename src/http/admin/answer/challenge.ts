import type { BearerError } from '../../../protocol/bearer-error.js';
import { bearerChallenge } from '../../bearer.js';
import { BASIC_CHALLENGE } from '../../oauth/oauth-answer.js';

/** What a refusal tells the caller to present; Basic too where the caller is not known yet. */
export function challengesOf(error: BearerError): string[] {
  return error.status === 401 ? [bearerChallenge(error), BASIC_CHALLENGE] : [bearerChallenge(error)];
}

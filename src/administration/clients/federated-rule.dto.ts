import { subjectFault } from '../../clients/federation/subject-pattern.js';
import type { FederatedRule } from '../../clients/federation/trusted-issuer.js';
import { type Check, Is, Optional, text } from '../documents/member-checks.js';
import { isObject } from '../documents/merge-patch.js';

export const MAX_RULES = 50;
const MAX_CLAIMS = 20;

const claims: Check = (value) => {
  if (!isObject(value)) return 'must be an object';
  return Object.keys(value).length > MAX_CLAIMS ? `must have at most ${MAX_CLAIMS} members` : undefined;
};

/** Which tokens of a trusted issuer authenticate the client. */
export class FederatedRuleMembers {
  @Is(text(1, 255))
  issuer!: string;

  @Is(subjectFault)
  subject!: string;

  /** Names and values are checked by FederatedRules, each at its path. */
  @Optional()
  @Is(claims)
  claims?: FederatedRule['claims'];
}

import { AUDIENCE_FORM, isAudience } from '../../protocol/identifier.js';
import type { Fault } from '../../protocol/problem.js';
import type { Check } from './member-checks.js';
import { itemPath } from './member-path.js';

const VISIBLE = /^[\x21-\x7E]{1,255}$/;

const MESSAGE = `must be ${AUDIENCE_FORM}`;

/** Any audience that a version has accepted; audienceFaults and listedAudienceFaults judge what is new. */
export const storableAudience: Check = (value) =>
  typeof value === 'string' && VISIBLE.test(value) ? undefined : MESSAGE;

/** A stored one stays valid, so that its document can be changed otherwise, and its client disabled. */
export function audienceFaults(path: string, audience: unknown, stored: string | null | undefined): Fault[] {
  const isRight = audience === undefined || audience === stored || isAudience(audience);
  return isRight ? [] : [{ path, message: MESSAGE }];
}

/** The same for each of a list. */
export function listedAudienceFaults(
  path: string,
  audiences: unknown,
  stored: readonly string[] = [],
): Fault[] {
  if (!Array.isArray(audiences)) return [];
  return audiences.flatMap((audience, at) =>
    stored.includes(audience) ? [] : audienceFaults(itemPath(path, at), audience, undefined),
  );
}

import { createHash } from 'node:crypto';
import type { AssertionIdentity } from './trusted-issuer.js';

/** The type of the session of a workload that no client represents. */
export const WORKLOAD_GRANT = 'jwt_bearer';

const PREFIX = 'workload:';
const WORKLOAD_ID = /^workload:[A-Za-z0-9_-]{43}$/;

/**
 * The `sub` of a workload's tokens: of its issuer and its subject there. No client id contains a colon, so no verifier
 * takes a workload for a client, and no issuer can choose the `sub` of another's.
 */
export const workloadId = ({ iss, sub }: AssertionIdentity): string =>
  PREFIX + createHash('sha256').update(`${iss}\0${sub}`).digest('base64url');

export const isWorkloadId = (value: string): boolean => WORKLOAD_ID.test(value);

/** The bounds of all workload ids, in the order of a key. */
export const WORKLOAD_IDS = { from: PREFIX, to: 'workload;' } as const;

import { isReservedClaim } from '../../../packages/protocol/src/reserved-claim.js';
import { claimsBytes, MAX_CLAIMS_BYTES } from '../../protocol/claims.js';
import type { Fault } from '../../protocol/problem.js';
import { itemPath, memberPath } from './member-path.js';
import { isObject } from './merge-patch.js';

/** Visible ASCII: no name looks like another one, and each fits a header or a query. */
const NAME = /^[\x21-\x7E]{1,255}$/;
const LONE_SURROGATE = /\p{Surrogate}/u;

/** The faults of static claims: any JSON value under any name that is not reserved. */
export function claimFaults(claims: unknown): Fault[] {
  if (claims === undefined) return [];
  if (!isObject(claims))
    return [{ path: 'claims', message: 'must be an object, with a member for each claim' }];
  const faults = Object.entries(claims).flatMap(([name, value]) => {
    const path = memberPath('claims', name);
    const message = nameFault(name);
    return message === undefined ? valueFaults(value, path) : [{ path, message }];
  });
  if (faults.length > 0) return faults;
  const bytes = claimsBytes(claims);
  return bytes > MAX_CLAIMS_BYTES ? [{ path: 'claims', message: tooLarge(bytes) }] : [];
}

/** Claims that would exceed the limit together with those of an audience. */
export const sumFault = (bytes: number, others: string): Fault => ({
  path: 'claims',
  message: `${tooLarge(bytes)} together with those of ${others}`,
});

const tooLarge = (bytes: number) => `must be at most ${MAX_CLAIMS_BYTES} bytes as JSON; they are ${bytes}`;

function nameFault(name: string): string | undefined {
  if (!NAME.test(name)) return 'the name must be 1 to 255 visible ASCII characters';
  if (name in Object.prototype) return 'is not available as a name';
  return isReservedClaim(name)
    ? 'is a reserved name; use one of your own, such as https://example.com/…'
    : undefined;
}

function valueFaults(value: unknown, path: string): Fault[] {
  if (typeof value === 'string')
    return LONE_SURROGATE.test(value) ? [fault(path, 'contains an unpaired surrogate')] : [];
  if (typeof value === 'number')
    return isExact(value) ? [] : [fault(path, 'is a number that JSON readers would change: use a string')];
  if (Array.isArray(value)) return value.flatMap((item, at) => valueFaults(item, itemPath(path, at)));
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([name, member]) => {
    const own = memberPath(path, name);
    if (name in Object.prototype) return [fault(own, 'is not available as a name')];
    if (LONE_SURROGATE.test(name)) return [fault(own, 'contains an unpaired surrogate')];
    return valueFaults(member, own);
  });
}

const isExact = (value: number): boolean =>
  Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));

const fault = (path: string, message: string): Fault => ({ path, message });

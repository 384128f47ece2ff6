import { SIGNING_ALGS, type SigningAlg } from '../../packages/protocol/src/signing-alg.js';
import type { SigningKeyRow } from './signing-key.entity.js';

/** Announced: published, not signing yet. Current: signs. Retired: published until the last of its tokens has ended. */
export type KeyState = 'announced' | 'current' | 'retired';

export const SIGNING_PERIOD_MS = 90 * 24 * 3600 * 1000;

type Timed = Pick<SigningKeyRow, 'kid' | 'alg' | 'signsFrom' | 'retiredAt'>;

/** The keys of an algorithm that may sign, the newest first. */
const ofAlg = <T extends Timed>(keys: readonly T[], alg: SigningAlg): T[] =>
  keys
    .filter((key) => key.alg === alg && key.retiredAt === null)
    .sort((a, b) => b.signsFrom - a.signsFrom || (a.kid < b.kid ? -1 : 1));

/** The key that signs now; the first key of an algorithm signs even if this clock is behind that of its maker. */
export function currentKey<T extends Timed>(keys: readonly T[], alg: SigningAlg, now: number): T | undefined {
  const candidates = ofAlg(keys, alg);
  return candidates.find(({ signsFrom }) => signsFrom <= now) ?? candidates.at(-1);
}

/** The announced key that signs next. */
export function nextKey<T extends Timed>(keys: readonly T[], alg: SigningAlg, now: number): T | undefined {
  return ofAlg(keys, alg).findLast(({ signsFrom }) => signsFrom > now);
}

/** When the current key stops signing: as announced, or as scheduled. */
export const signsUntil = (current: Timed, next: Timed | undefined): number =>
  next?.signsFrom ?? current.signsFrom + SIGNING_PERIOD_MS;

/** When the next announced key begins to sign. */
export const nextChange = (keys: readonly Timed[], now: number): number =>
  Math.min(...keys.map(({ signsFrom }) => (signsFrom > now ? signsFrom : Number.POSITIVE_INFINITY)));

/** The newest key, announced or current. */
export const newestKey = <T extends Timed>(keys: readonly T[], alg: SigningAlg): T | undefined =>
  ofAlg(keys, alg)[0];

export function stateOf(key: Timed, keys: readonly Timed[], now: number): KeyState {
  if (currentKey(keys, key.alg, now)?.kid === key.kid) return 'current';
  return key.retiredAt === null && key.signsFrom > now ? 'announced' : 'retired';
}

/** When a key stopped signing; undefined while it signs or is announced. */
export function stoppedAt(key: Timed, keys: readonly Timed[], now: number): number | undefined {
  const stops = keys
    .filter(({ alg, signsFrom }) => alg === key.alg && signsFrom > key.signsFrom && signsFrom <= now)
    .map(({ signsFrom }) => signsFrom);
  if (key.retiredAt !== null) stops.push(key.retiredAt);
  return stops.length > 0 ? Math.min(...stops) : undefined;
}

/** The current RS256 key first, because older verifiers read only the first one; then the other current ones. */
export function inPublishedOrder<T extends Timed>(keys: readonly T[], now: number): T[] {
  const rank = (key: T) => (stateOf(key, keys, now) === 'current' ? 0 : SIGNING_ALGS.length);
  return [...keys].sort(
    (a, b) => rank(a) + SIGNING_ALGS.indexOf(a.alg) - (rank(b) + SIGNING_ALGS.indexOf(b.alg)),
  );
}

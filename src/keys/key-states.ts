import { SIGNING_ALGS, type SigningAlg } from '../protocol/signing-alg.js';
import type { SigningKeyRow } from './signing-key.entity.js';

/** Announced: published, not signing yet. Current: signs. Retired: published until the last of its tokens has ended. */
export type KeyState = 'announced' | 'current' | 'retired';

type Timed = Pick<SigningKeyRow, 'kid' | 'alg' | 'signsFrom'>;

/** The keys of an algorithm, those that sign last first. */
const ofAlg = <T extends Timed>(keys: readonly T[], alg: SigningAlg): T[] =>
  keys.filter((key) => key.alg === alg).sort((a, b) => b.signsFrom - a.signsFrom || (a.kid < b.kid ? -1 : 1));

/** The key that signs at this moment; a new installation's first key signs from the start. */
export function currentKey<T extends Timed>(keys: readonly T[], alg: SigningAlg, now: number): T | undefined {
  return ofAlg(keys, alg).find(({ signsFrom }) => signsFrom <= now);
}

/** The announced key that signs next. */
export function nextKey<T extends Timed>(keys: readonly T[], alg: SigningAlg, now: number): T | undefined {
  return ofAlg(keys, alg).findLast(({ signsFrom }) => signsFrom > now);
}

/** When the next announced key begins to sign. */
export const nextChange = (keys: readonly Timed[], now: number): number =>
  Math.min(...keys.map(({ signsFrom }) => (signsFrom > now ? signsFrom : Number.POSITIVE_INFINITY)));

/** The key that signs last, announced or current. */
export const newestKey = <T extends Timed>(keys: readonly T[], alg: SigningAlg): T | undefined =>
  ofAlg(keys, alg)[0];

export function stateOf(key: Timed, keys: readonly Timed[], now: number): KeyState {
  if (key.signsFrom > now) return 'announced';
  return currentKey(keys, key.alg, now)?.kid === key.kid ? 'current' : 'retired';
}

/** When a key stopped signing; nothing while it signs or is announced. */
export function stoppedAt(key: Timed, keys: readonly Timed[], now: number): number | undefined {
  const later = ofAlg(keys, key.alg).filter(({ signsFrom }) => signsFrom > key.signsFrom && signsFrom <= now);
  return later.at(-1)?.signsFrom;
}

/** The current RS256 key first, because older verifiers read only the first one; then the other current ones. */
export function inPublishedOrder<T extends Timed>(keys: readonly T[], now: number): T[] {
  const rank = (key: T) => (stateOf(key, keys, now) === 'current' ? 0 : SIGNING_ALGS.length);
  return [...keys].sort(
    (a, b) => rank(a) + SIGNING_ALGS.indexOf(a.alg) - (rank(b) + SIGNING_ALGS.indexOf(b.alg)),
  );
}

import type { PublicKey } from './public-key.js';

/** What this process knows of a JWK Set. Times are epoch milliseconds. */
export interface KeySetState {
  /** Those that can verify assertions now. */
  keys: readonly PublicKey[];
  /** Absent for keys by value, and while none are in use. */
  fetched?: { at: number; usableUntil: number } | undefined;
  /** Why the latest fetch failed. */
  failure?: { reason: string; at: number } | undefined;
}

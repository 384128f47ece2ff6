import { LRUCache } from 'lru-cache';
import { FAILURE_WINDOW_MS, type Tally } from './failure-counter.js';

const MAX_SECRETS = 20_000;
const REMEMBERED_MS = 10 * 60 * 1000;

interface Repeats {
  failures: number;
  /** By the monotonic clock. */
  endsAt: number;
}

/**
 * Remembers wrong secrets by keyed digest and address: a repetition is no further guess and needs no slow hash. So a
 * program that keeps presenting an old secret neither blocks other clients at its address nor occupies the hasher, and
 * response times do not reveal what was presented from other addresses.
 */
export class WrongSecrets {
  private readonly seen = new LRUCache<string, Repeats>({
    max: MAX_SECRETS,
    ttl: REMEMBERED_MS,
    updateAgeOnGet: true,
  });

  has(digest: Buffer, address: string): boolean {
    return this.seen.has(keyOf(digest, address));
  }

  /** Returns whether it was new. */
  add(digest: Buffer, address: string): boolean {
    const key = keyOf(digest, address);
    if (this.seen.has(key)) return false;
    this.seen.set(key, { failures: 1, endsAt: performance.now() + FAILURE_WINDOW_MS });
    return true;
  }

  /** Counts one more presentation of a remembered secret within its minute; undefined if it is not remembered. */
  repeat(digest: Buffer, address: string): Tally | undefined {
    const repeats = this.seen.get(keyOf(digest, address));
    if (!repeats) return undefined;
    const now = performance.now();
    if (repeats.endsAt <= now) Object.assign(repeats, { failures: 0, endsAt: now + FAILURE_WINDOW_MS });
    repeats.failures++;
    return { failures: repeats.failures, endsInMilliseconds: repeats.endsAt - now };
  }
}

/** 128 bits of the digest are enough. */
const keyOf = (digest: Buffer, address: string): string => digest.toString('latin1', 0, 16) + address;

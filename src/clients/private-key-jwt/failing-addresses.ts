import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';

/** More than sets are remembered, so that who fails is not forgotten with them. */
const MAX_REMEMBERED = 10_000;
const MIN_PAUSE_MS = 1000;
const MAX_PAUSE_MS = 32_000;
/** What took longer than this to fail has kept a place in vain. */
const SLOW_MILLISECONDS = 1000;

interface Failing {
  /** By a clock that never goes back. */
  notBefore: number;
  pauseMilliseconds: number;
}

/** Remembers the addresses that failed last time, and how long each is left alone: the longer it goes on slowly, the longer. */
export class FailingAddresses {
  /** By hash, because an address may be long. */
  private readonly failing = new LRUCache<string, Failing>({ max: MAX_REMEMBERED });

  /** Whether the last attempt failed. */
  has(uri: string): boolean {
    return this.failing.has(keyOf(uri));
  }

  isLeftAlone(uri: string): boolean {
    const known = this.failing.get(keyOf(uri));
    return known !== undefined && performance.now() < known.notBefore;
  }

  failed(uri: string, tookMilliseconds: number): void {
    const key = keyOf(uri);
    const before = this.failing.peek(key);
    const slow = before !== undefined && tookMilliseconds >= SLOW_MILLISECONDS;
    const pauseMilliseconds = slow ? Math.min(2 * before.pauseMilliseconds, MAX_PAUSE_MS) : MIN_PAUSE_MS;
    this.failing.set(key, { notBefore: performance.now() + pauseMilliseconds, pauseMilliseconds });
  }

  answered(uri: string): void {
    this.failing.delete(keyOf(uri));
  }
}

const keyOf = (uri: string): string => createHash('sha256').update(uri).digest('base64url');

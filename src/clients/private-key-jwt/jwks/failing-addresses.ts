import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';

/** More than the cache of key sets holds, so that eviction there does not lose the state of a failing URL. */
const MAX_REMEMBERED = 10_000;
const MIN_PAUSE_MS = 1000;
const MAX_PAUSE_MS = 32_000;
/** A failure that took longer has occupied a connection slot for nothing, so its backoff grows. */
const SLOW_MILLISECONDS = 1000;

interface Backoff {
  /** By the monotonic clock. */
  notBefore: number;
  pauseMilliseconds: number;
}

/** Backoff for URLs whose last fetch failed: constant after fast failures, exponential after slow ones. */
export class FailingAddresses {
  /** By hash, because a URL may be long. */
  private readonly failing = new LRUCache<string, Backoff>({ max: MAX_REMEMBERED });

  /** Whether the last attempt failed. */
  has(uri: string): boolean {
    return this.failing.has(keyOf(uri));
  }

  isBackingOff(uri: string): boolean {
    const backoff = this.failing.get(keyOf(uri));
    return backoff !== undefined && performance.now() < backoff.notBefore;
  }

  failed(uri: string, tookMilliseconds: number): void {
    const key = keyOf(uri);
    const before = this.failing.peek(key);
    const slow = before !== undefined && tookMilliseconds >= SLOW_MILLISECONDS;
    const pauseMilliseconds = slow ? Math.min(2 * before.pauseMilliseconds, MAX_PAUSE_MS) : MIN_PAUSE_MS;
    this.failing.set(key, { notBefore: performance.now() + pauseMilliseconds, pauseMilliseconds });
  }

  succeeded(uri: string): void {
    this.failing.delete(keyOf(uri));
  }
}

const keyOf = (uri: string): string => createHash('sha256').update(uri).digest('base64url');

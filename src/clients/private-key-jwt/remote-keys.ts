import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Log } from '../../config/log.js';
import { TemporarilyUnavailable } from '../../protocol/unavailable.js';
import type { Assertion } from './assertion.js';
import { FailingAddresses } from './failing-addresses.js';
import { JwksFetcher } from './jwks-fetcher.js';
import { JwksUnavailable } from './jwks-unavailable.js';
import { type Verdict, VerifyingKeys } from './verifying-keys.js';

const MAX_SETS = 1000;
const FRESH_MS = 5 * 60 * 1000;
/** For how long a set is used while it cannot be refreshed. */
const STALE_MS = 60 * 60 * 1000;
/** An attacker can send any kid, so unknown kids trigger a refresh at most this often. */
const UNKNOWN_KID_COOLDOWN_MS = 10_000;

/** The key set of one URL. Times are monotonic. */
interface CachedSet {
  keys: VerifyingKeys | undefined;
  fetchedAt: number;
  unknownAt: number;
  fetching: Promise<void> | undefined;
}

/**
 * Caches the JWK Sets that clients publish, by URL. A set is refreshed by age and for an unknown key; concurrent requests
 * share one fetch.
 */
@Injectable()
export class RemoteKeys {
  private readonly published = new LRUCache<string, CachedSet>({ max: MAX_SETS });
  private readonly failing = new FailingAddresses();

  constructor(
    private readonly fetcher: JwksFetcher,
    private readonly log: Log,
  ) {}

  async verify(uri: string, assertion: Assertion): Promise<Verdict> {
    const cached = this.at(uri);
    if (performance.now() - cached.fetchedAt >= FRESH_MS) await this.fetch(uri, cached);
    const before = this.keysOf(cached);
    const verdict = (await before?.verify(assertion)) ?? 'unfetched';
    if (verdict === 'verified' || verdict === 'forged' || !this.mayRefetch(cached)) return verdict;
    cached.unknownAt = performance.now();
    await this.fetch(uri, cached);
    const keys = this.keysOf(cached);
    return keys && keys !== before ? keys.verify(assertion) : verdict;
  }

  private at(uri: string): CachedSet {
    let cached = this.published.get(uri);
    if (!cached) {
      const never = Number.NEGATIVE_INFINITY;
      cached = { keys: undefined, fetchedAt: never, unknownAt: never, fetching: undefined };
      this.published.set(uri, cached);
    }
    return cached;
  }

  private keysOf({ keys, fetchedAt }: CachedSet): VerifyingKeys | undefined {
    return performance.now() - fetchedAt < STALE_MS ? keys : undefined;
  }

  private mayRefetch({ keys, unknownAt }: CachedSet): boolean {
    return keys !== undefined && performance.now() - unknownAt >= UNKNOWN_KID_COOLDOWN_MS;
  }

  private async fetch(uri: string, cached: CachedSet): Promise<void> {
    if (!cached.fetching && this.failing.isBackingOff(uri)) return;
    cached.fetching ??= this.fetchNow(uri, cached).finally(() => {
      cached.fetching = undefined;
    });
    await cached.fetching;
  }

  private async fetchNow(uri: string, cached: CachedSet): Promise<void> {
    const began = performance.now();
    try {
      cached.keys = new VerifyingKeys(await this.fetcher.fetch(uri, this.failing.has(uri)));
      cached.fetchedAt = performance.now();
      this.failing.succeeded(uri);
    } catch (error) {
      // The cached set is still used while too many other fetches are waiting.
      if (error instanceof TemporarilyUnavailable && this.keysOf(cached)) return;
      if (!(error instanceof JwksUnavailable)) throw error;
      this.failing.failed(uri, performance.now() - began);
      this.log.warn({ host: new URL(uri).host, reason: error.message }, 'JWK Set fetch failed');
    }
  }
}

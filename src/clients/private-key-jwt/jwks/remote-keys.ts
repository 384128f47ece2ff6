import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Log } from '../../../config/log.js';
import { TemporarilyUnavailable } from '../../../protocol/unavailable.js';
import { nowMilliseconds } from '../../../runtime/clock.js';
import type { Assertion } from '../assertion.js';
import type { KeySetState } from '../keys/key-set-state.js';
import type { KeySource } from '../keys/key-source.js';
import { type Verdict, VerifyingKeys } from '../keys/verifying-keys.js';
import { FailingAddresses } from './failing-addresses.js';
import { JwksFetcher } from './jwks-fetcher.js';
import { JwksUnavailable } from './jwks-unavailable.js';

const MAX_SETS = 1000;
const FRESH_MS = 5 * 60 * 1000;
/** For how long a set is used while it cannot be refreshed. */
const STALE_MS = 60 * 60 * 1000;
/** An attacker can send any kid, so unknown kids trigger a refresh at most this often. */
const UNKNOWN_KID_COOLDOWN_MS = 10_000;

/** The key set of one source. Times are monotonic. */
interface CachedSet {
  keys: VerifyingKeys | undefined;
  fetchedAt: number;
  unknownAt: number;
  fetching: Promise<void> | undefined;
  failure: KeySetState['failure'];
}

/**
 * Caches the JWK Sets that clients and trusted issuers publish. A set is refreshed by age and for an unknown key; concurrent requests
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

  async verify(source: KeySource, assertion: Assertion): Promise<Verdict> {
    const cached = await this.refreshed(source);
    const before = this.keysOf(cached);
    const verdict = (await before?.verify(assertion)) ?? 'unfetched';
    if (typeof verdict === 'object' || verdict === 'forged' || !this.mayRefetch(cached)) return verdict;
    cached.unknownAt = performance.now();
    await this.fetch(source, cached);
    const keys = this.keysOf(cached);
    return keys && keys !== before ? keys.verify(assertion) : verdict;
  }

  /** Fetches the set where an assertion would, and returns what is known of it then. */
  async look(source: KeySource): Promise<KeySetState> {
    const cached = await this.refreshed(source);
    const { failure, fetchedAt } = cached;
    const set = this.keysOf(cached);
    if (!set) return { keys: [], failure };
    const at = nowMilliseconds() - (performance.now() - fetchedAt);
    return { keys: set.keys, fetched: { at, usableUntil: at + STALE_MS }, failure };
  }

  private async refreshed(source: KeySource): Promise<CachedSet> {
    const cached = this.at(source);
    if (performance.now() - cached.fetchedAt >= FRESH_MS) await this.fetch(source, cached);
    return cached;
  }

  private at({ id }: KeySource): CachedSet {
    let cached = this.published.get(id);
    if (!cached) {
      const never = Number.NEGATIVE_INFINITY;
      const nothing = { keys: undefined, fetching: undefined, failure: undefined };
      cached = { ...nothing, fetchedAt: never, unknownAt: never };
      this.published.set(id, cached);
    }
    return cached;
  }

  private keysOf({ keys, fetchedAt }: CachedSet): VerifyingKeys | undefined {
    return performance.now() - fetchedAt < STALE_MS ? keys : undefined;
  }

  private mayRefetch({ keys, unknownAt }: CachedSet): boolean {
    return keys !== undefined && performance.now() - unknownAt >= UNKNOWN_KID_COOLDOWN_MS;
  }

  private async fetch(source: KeySource, cached: CachedSet): Promise<void> {
    if (!cached.fetching && this.failing.isBackingOff(source.id)) return;
    cached.fetching ??= this.fetchNow(source, cached).finally(() => {
      cached.fetching = undefined;
    });
    await cached.fetching;
  }

  private async fetchNow(source: KeySource, cached: CachedSet): Promise<void> {
    const { id, uri } = source;
    const began = performance.now();
    try {
      cached.keys = new VerifyingKeys(await this.fetcher.fetch(source, this.failing.has(id)));
      cached.fetchedAt = performance.now();
      cached.failure = undefined;
      this.failing.succeeded(id);
    } catch (error) {
      // The cached set is still used while too many other fetches are waiting.
      if (error instanceof TemporarilyUnavailable && this.keysOf(cached)) return;
      if (!(error instanceof JwksUnavailable)) throw error;
      cached.failure = { reason: error.message, at: nowMilliseconds() };
      this.failing.failed(id, performance.now() - began);
      this.log.warn({ host: new URL(uri).host, reason: error.message }, 'JWK Set fetch failed');
    }
  }
}

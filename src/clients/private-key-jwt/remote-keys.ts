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
const FRESH_MILLISECONDS = 5 * 60 * 1000;
/** How long a set is used while it cannot be fetched anew. */
const STALE_MILLISECONDS = 60 * 60 * 1000;
/** Anybody can name a key that there is not: that alone makes nobody fetch more often than this. */
const BETWEEN_UNKNOWN_MILLISECONDS = 10_000;

/** What is known of one address. Times are those of a clock that never goes back. */
interface Published {
  keys: VerifyingKeys | undefined;
  fetchedAt: number;
  unknownAt: number;
  fetching: Promise<void> | undefined;
}

/**
 * Remembers the JWK Sets that clients publish, by address: fetched anew by age and when a key is not known. Requests
 * that come together share one fetch.
 */
@Injectable()
export class RemoteKeys {
  private readonly published = new LRUCache<string, Published>({ max: MAX_SETS });
  private readonly failing = new FailingAddresses();

  constructor(
    private readonly fetcher: JwksFetcher,
    private readonly log: Log,
  ) {}

  async judge(uri: string, assertion: Assertion): Promise<Verdict> {
    const known = this.at(uri);
    if (performance.now() - known.fetchedAt >= FRESH_MILLISECONDS) await this.fetch(uri, known);
    const seen = this.keysOf(known);
    const verdict = (await seen?.judge(assertion)) ?? 'unfetched';
    if (verdict === 'verified' || verdict === 'forged' || !this.mayLookAgain(known)) return verdict;
    known.unknownAt = performance.now();
    await this.fetch(uri, known);
    const keys = this.keysOf(known);
    return keys && keys !== seen ? keys.judge(assertion) : verdict;
  }

  private at(uri: string): Published {
    let known = this.published.get(uri);
    if (!known) {
      const never = Number.NEGATIVE_INFINITY;
      known = { keys: undefined, fetchedAt: never, unknownAt: never, fetching: undefined };
      this.published.set(uri, known);
    }
    return known;
  }

  private keysOf({ keys, fetchedAt }: Published): VerifyingKeys | undefined {
    return performance.now() - fetchedAt < STALE_MILLISECONDS ? keys : undefined;
  }

  private mayLookAgain({ keys, unknownAt }: Published): boolean {
    return keys !== undefined && performance.now() - unknownAt >= BETWEEN_UNKNOWN_MILLISECONDS;
  }

  private async fetch(uri: string, known: Published): Promise<void> {
    if (!known.fetching && this.failing.isLeftAlone(uri)) return;
    known.fetching ??= this.fetchNow(uri, known).finally(() => {
      known.fetching = undefined;
    });
    await known.fetching;
  }

  private async fetchNow(uri: string, known: Published): Promise<void> {
    const began = performance.now();
    try {
      known.keys = new VerifyingKeys(await this.fetcher.fetch(uri, this.failing.has(uri)));
      known.fetchedAt = performance.now();
      this.failing.answered(uri);
    } catch (error) {
      // What is known still serves while too many others are being fetched.
      if (error instanceof TemporarilyUnavailable && this.keysOf(known)) return;
      if (!(error instanceof JwksUnavailable)) throw error;
      this.failing.failed(uri, performance.now() - began);
      this.log.warn({ host: new URL(uri).host, reason: error.message }, 'JWK Set fetch failed');
    }
  }
}

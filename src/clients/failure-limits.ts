import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Log } from '../config/log.js';
import { Settings } from '../config/settings.js';
import { OAuthError } from '../protocol/oauth-error.js';
import { TooManyRequests } from '../protocol/too-many-requests.js';
import { ChecksUnderWay } from './checks-under-way.js';
import { FailureCounter } from './failure-counter.js';

const FAILURES_OF_ADDRESS = 300;
const MOST_BLOCKED = 20_000;
const MINUTE_MILLISECONDS = 60_000;

/** Who is trying: the id as presented, known or not, and the address it comes from. */
export interface Attempt {
  clientId: string;
  address: string;
  /** For the log: what strangers write in an id's place is not repeated there. */
  isRegistered: () => boolean | Promise<boolean>;
}

/** What is counted: the pair of id and address, or the address alone. */
interface Limit {
  scope: 'pair' | 'address';
  key: string;
  most: number;
}

/**
 * Limits failed client authentication (RFC 6749 2.3.1): by pair of presented id and address, so that nobody locks a
 * client out from elsewhere, and by address. What a credential is and whether it fits is left to the authenticator.
 */
@Injectable()
export class FailureLimits {
  private readonly failuresOfPair: number;
  private readonly blocked = new LRUCache<string, true>({ max: MOST_BLOCKED, ttl: MINUTE_MILLISECONDS });
  private readonly underWay = new Map<string, ChecksUnderWay>();

  constructor(
    settings: Settings,
    private readonly counter: FailureCounter,
    private readonly log: Log,
  ) {
    this.failuresOfPair = settings.failuresPerMinute;
  }

  /**
   * Runs `check`, and counts it when it throws invalid_client; throws TooManyRequests instead where a limit is reached.
   * A credential that is verified already costs no I/O, and its address's limit is not its own.
   */
  async run<T>(attempt: Attempt, verified: boolean, check: () => Promise<T>): Promise<T> {
    if (this.failuresOfPair === 0) return check();
    if (!verified) return this.runUnverified(attempt, check);
    this.refuseVerified(attempt.clientId, attempt.address);
    try {
      return await check();
    } catch (error) {
      if (isFailure(error)) await this.count(attempt, this.limitsOf(attempt));
      throw error;
    }
  }

  /** What is verified already is refused to a blocked pair only. */
  refuseVerified(clientId: string, address: string): void {
    if (this.blocked.size > 0) this.refuseBlocked(this.pairOf({ clientId, address }));
  }

  private async runUnverified<T>(attempt: Attempt, check: () => Promise<T>): Promise<T> {
    const limits = this.limitsOf(attempt);
    for (const limit of limits) this.refuseBlocked(limit);
    const checks = limits.map((limit) => this.checksOf(limit));
    const entered: ChecksUnderWay[] = [];
    try {
      await Promise.all(checks.map(async (one) => one.learn(await this.counter.read(one.key))));
      for (const one of checks) {
        if (!(await one.enter())) throw this.block(one.key, one.endsInMilliseconds);
        entered.push(one);
      }
      return await check();
    } catch (error) {
      if (isFailure(error)) await this.count(attempt, limits);
      throw error;
    } finally {
      for (const one of entered) one.leave();
      for (const one of checks) this.release(one);
    }
  }

  /** Throws TooManyRequests where failures of other processes came first. */
  private async count(attempt: Attempt, limits: readonly Limit[]): Promise<void> {
    const counted = await Promise.all(
      limits.map(async (limit) => ({ limit, tally: await this.counter.add(limit.key) })),
    );
    for (const { limit, tally } of counted) {
      this.underWay.get(limit.key)?.learn(tally);
      if (tally.failures >= limit.most) this.block(limit.key, tally.endsInMilliseconds);
      if (tally.failures === limit.most) await this.tell(limit, attempt);
    }
    const over = counted.find(({ limit, tally }) => tally.failures > limit.most);
    if (over) throw tooManyFailures(over.tally.endsInMilliseconds);
  }

  private refuseBlocked({ key }: Limit): void {
    const milliseconds = this.blocked.getRemainingTTL(key);
    if (milliseconds > 0) throw tooManyFailures(milliseconds);
  }

  private block(key: string, milliseconds: number): TooManyRequests {
    this.blocked.set(key, true, { ttl: Math.max(1, milliseconds) });
    return tooManyFailures(milliseconds);
  }

  /** Once for each limit and minute, whichever process reaches it. */
  private async tell({ scope }: Limit, { clientId, address, isRegistered }: Attempt): Promise<void> {
    if (scope === 'address') {
      this.log.warn({ event: 'address_limited', address }, 'client authentication fails too often here');
      return;
    }
    const client = (await isRegistered()) ? { client: clientId } : { registered: false };
    this.log.warn({ event: 'client_limited', ...client, address }, 'client authentication fails too often');
  }

  private limitsOf(attempt: Attempt): Limit[] {
    const key = keyOf('address', attempt.address);
    return [this.pairOf(attempt), { scope: 'address', key, most: FAILURES_OF_ADDRESS }];
  }

  private pairOf({ clientId, address }: Pick<Attempt, 'clientId' | 'address'>): Limit {
    return { scope: 'pair', key: keyOf('pair', address, clientId), most: this.failuresOfPair };
  }

  private checksOf({ key, most }: Limit): ChecksUnderWay {
    const checks = this.underWay.get(key) ?? new ChecksUnderWay(key, most);
    this.underWay.set(key, checks);
    checks.users++;
    return checks;
  }

  private release(checks: ChecksUnderWay): void {
    if (--checks.users === 0) this.underWay.delete(checks.key);
  }
}

/** An id may be as long as a body and hold anything: a digest is short and tells nothing. */
const keyOf = (...parts: string[]): string =>
  createHash('sha256').update(parts.join('\0')).digest('base64url');

const isFailure = (error: unknown): boolean => error instanceof OAuthError && error.code === 'invalid_client';

const tooManyFailures = (milliseconds: number): TooManyRequests =>
  new TooManyRequests(
    'too many failed attempts; try again later',
    Math.max(1, Math.ceil(milliseconds / 1000)),
  );

import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Log } from '../../config/log.js';
import { Settings } from '../../config/settings.js';
import { WrongCredential } from '../../protocol/invalid-client.js';
import { ChecksWhileBlocked } from './checks-while-blocked.js';
import { FAILURE_WINDOW_MS, FailureCounter, type Tally } from './failure-counter.js';
import { InFlightAttempts, type Limit } from './in-flight-attempts.js';
import { type FailureScope, TooManyFailures } from './too-many-failures.js';

const MAX_FAILURES_OF_ADDRESS = 300;
const MAX_BLOCKED = 20_000;

/** One authentication attempt: the id as presented, registered or not, and the remote address. */
export interface Attempt {
  clientId: string;
  address: string;
  registered: boolean;
}

/**
 * Limits failed client authentication (RFC 6749 2.3.1) per pair of presented id and address, so that a client cannot be
 * locked out from another address, and per address. Only secrets that a person chose can be guessed, so only those are
 * rejected unchecked while the pair is limited; while the address is, each id has a few checks left there
 * (ChecksWhileBlocked). Verification itself is left to the authenticators.
 */
@Injectable()
export class AuthenticationThrottle {
  private readonly failuresOfPair: number;
  private readonly blocked = new LRUCache<string, true>({ max: MAX_BLOCKED, ttl: FAILURE_WINDOW_MS });
  private readonly inFlight = new Map<string, InFlightAttempts>();
  private readonly whileBlocked = new ChecksWhileBlocked();

  constructor(
    settings: Settings,
    private readonly counter: FailureCounter,
    private readonly log: Log,
  ) {
    this.failuresOfPair = settings.failuresPerMinute;
  }

  /**
   * Runs the check of a credential that can be guessed; throws TooManyFailures if a limit is reached. The same wrong
   * credential is counted once, however many processes and requests present it: `guess` is its keyed digest. One that
   * no client can have is not `plausible`.
   */
  async runGuess<T>(
    attempt: Attempt,
    guess: string,
    plausible: boolean,
    check: () => Promise<T>,
  ): Promise<T> {
    if (this.failuresOfPair === 0) return check();
    const { pair, address } = this.limitsOf('chosen', attempt);
    const counted = async (limits: readonly Limit[], onWrong?: () => void) => {
      try {
        return await check();
      } catch (error) {
        if (!(error instanceof WrongCredential)) throw error;
        onWrong?.();
        if (await this.counter.isNew(guess)) await this.count(attempt, limits);
        throw error;
      }
    };
    const done = await this.within(pair, async () => {
      const here = await this.within(address, () => counted([pair, address]));
      if (here || !plausible) return here;
      return this.whileBlocked.run(pair.key, attempt.address, () =>
        counted([pair], () => this.whileBlocked.count(pair.key)),
      );
    });
    if (!done) throw this.tooMany(pair, attempt);
    if (!done.result) throw this.tooMany(address, attempt);
    return done.result.result;
  }

  /**
   * Runs the check of a 256-bit secret or of a signature, which cannot be guessed: a valid one always passes, a wrong one
   * gets TooManyFailures once a limit is reached. Counted separately from guessable secrets.
   */
  async run<T>(attempt: Attempt, check: () => Promise<T>): Promise<T> {
    try {
      return await check();
    } catch (error) {
      if (error instanceof WrongCredential && this.failuresOfPair > 0) {
        const { pair, address } = this.limitsOf('made', attempt);
        const limits = [pair, address];
        for (const limit of limits) if (this.blocked.has(limit.key)) throw this.tooMany(limit, attempt);
        await this.count(attempt, limits);
      }
      throw error;
    }
  }

  /** Throws TooManyFailures if one wrong secret is presented too often; other secrets are not affected. */
  assertNotRepeated(attempt: Attempt, { failures, endsInMilliseconds }: Tally): void {
    if (this.failuresOfPair === 0 || failures <= this.failuresOfPair) return;
    if (failures === this.failuresOfPair + 1) this.report('pair', attempt);
    throw new TooManyFailures(endsInMilliseconds, 'pair', attempt.registered);
  }

  /** Throws TooManyFailures if failures in other processes have reached the limit already. */
  private async count(attempt: Attempt, limits: readonly Limit[]): Promise<void> {
    const counted = await Promise.all(
      limits.map(async (limit) => ({ limit, tally: await this.counter.add(limit.key) })),
    );
    for (const { limit, tally } of counted) {
      this.inFlight.get(limit.key)?.update(tally);
      if (tally.failures >= limit.max) this.block(limit, tally.endsInMilliseconds);
      // Once per limit and minute, in the process that reaches it.
      if (tally.failures === limit.max) this.report(limit.scope, attempt);
    }
    const over = counted.find(({ limit, tally }) => tally.failures > limit.max);
    if (over) throw new TooManyFailures(over.tally.endsInMilliseconds, over.limit.scope, attempt.registered);
  }

  /** Runs a check while failures remain, no more at once than remain; returns undefined if the limit is reached. */
  private async within<T>(limit: Limit, check: () => Promise<T>): Promise<{ result: T } | undefined> {
    if (this.blocked.has(limit.key)) return undefined;
    const checks = this.checksOf(limit);
    try {
      checks.update(await this.counter.read(limit.key));
      if (!(await checks.enter())) {
        this.block(limit, checks.endsInMilliseconds);
        return undefined;
      }
      try {
        return { result: await check() };
      } finally {
        checks.leave();
      }
    } finally {
      this.release(checks);
    }
  }

  private block({ key }: Limit, milliseconds: number): void {
    this.blocked.set(key, true, { ttl: Math.max(1, milliseconds) });
  }

  private tooMany({ key, scope }: Limit, { registered }: Attempt): TooManyFailures {
    return new TooManyFailures(this.blocked.getRemainingTTL(key), scope, registered);
  }

  /** An unregistered id is not logged, because it can be any text. */
  private report(scope: FailureScope, { clientId, address, registered }: Attempt): void {
    if (scope === 'address') {
      this.log.warn(
        { event: 'address_limited', address },
        'too many authentication failures from this address',
      );
      return;
    }
    const client = registered ? { client: clientId } : { registered };
    this.log.warn(
      { event: 'client_limited', ...client, address },
      'too many authentication failures for this client',
    );
  }

  private limitsOf(kind: 'chosen' | 'made', { clientId, address }: Attempt): { pair: Limit; address: Limit } {
    const pair = keyOf(kind, 'pair', address, clientId);
    return {
      pair: { scope: 'pair', key: pair, max: this.failuresOfPair },
      address: { scope: 'address', key: keyOf(kind, 'address', address), max: MAX_FAILURES_OF_ADDRESS },
    };
  }

  private checksOf(limit: Limit): InFlightAttempts {
    const checks = this.inFlight.get(limit.key) ?? new InFlightAttempts(limit);
    this.inFlight.set(limit.key, checks);
    checks.users++;
    return checks;
  }

  private release(checks: InFlightAttempts): void {
    if (--checks.users === 0) this.inFlight.delete(checks.limit.key);
  }
}

/** An id may be as long as a body and contain anything; a digest is short and reveals nothing. */
const keyOf = (...parts: string[]): string =>
  createHash('sha256').update(parts.join('\0')).digest('base64url');

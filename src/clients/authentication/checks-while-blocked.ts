import { LRUCache } from 'lru-cache';
import type { Tally } from './failure-counter.js';
import { InFlightAttempts } from './in-flight-attempts.js';

export const MAX_FAILURES_WHILE_BLOCKED = 3;
const WINDOW_MS = 60 * 60 * 1000;
/** The oldest counts go first: a flood of invented ids resets counts, at one slow hash each, and rejects no client. */
const MAX_KEYS = 100_000;
const MAX_CHECKS_OF_ADDRESS = 32;

interface Count {
  failures: number;
  /** By the monotonic clock. */
  endsAt: number;
}

/**
 * The checks of chosen secrets from addresses that have reached their limit: a few wrong ones an hour for each id and
 * address, whatever happens to other ids there. So a neighbour's guesses shut out no client that they are not aimed at.
 */
export class ChecksWhileBlocked {
  private readonly failures = new LRUCache<string, Count>({ max: MAX_KEYS });
  private readonly attempts = new Map<string, InFlightAttempts>();
  private readonly checksOfAddress = new Map<string, number>();

  /** Returns undefined, and runs nothing, if the id has no check left or the address has too many in progress. */
  async run<T>(key: string, address: string, check: () => Promise<T>): Promise<{ result: T } | undefined> {
    const attempts =
      this.attempts.get(key) ??
      new InFlightAttempts({ scope: 'address', key, max: MAX_FAILURES_WHILE_BLOCKED });
    this.attempts.set(key, attempts);
    attempts.users++;
    attempts.update(this.tallyOf(key));
    try {
      if (!(await attempts.enter())) return undefined;
      try {
        return await this.runOne(address, check);
      } finally {
        attempts.leave();
      }
    } finally {
      if (--attempts.users === 0) this.attempts.delete(key);
    }
  }

  /** Counts a wrong secret. */
  count(key: string): void {
    const { failures, endsInMilliseconds } = this.tallyOf(key);
    const endsAt = performance.now() + (failures === 0 ? WINDOW_MS : endsInMilliseconds);
    this.failures.set(key, { failures: failures + 1, endsAt });
    this.attempts.get(key)?.update(this.tallyOf(key));
  }

  private async runOne<T>(address: string, check: () => Promise<T>): Promise<{ result: T } | undefined> {
    const running = this.checksOfAddress.get(address) ?? 0;
    if (running >= MAX_CHECKS_OF_ADDRESS) return undefined;
    this.checksOfAddress.set(address, running + 1);
    try {
      return { result: await check() };
    } finally {
      const left = (this.checksOfAddress.get(address) as number) - 1;
      if (left === 0) this.checksOfAddress.delete(address);
      else this.checksOfAddress.set(address, left);
    }
  }

  private tallyOf(key: string): Tally {
    const { failures, endsAt } = this.failures.get(key) ?? { failures: 0, endsAt: 0 };
    const endsInMilliseconds = endsAt - performance.now();
    return endsInMilliseconds > 0 ? { failures, endsInMilliseconds } : { failures: 0, endsInMilliseconds: 0 };
  }
}

import { TemporarilyUnavailable } from '../../protocol/unavailable.js';
import type { Tally } from './failure-counter.js';
import type { FailureScope } from './too-many-failures.js';

const MAX_WAITING = 1000;

/** The maximum number of failures per key. */
export interface Limit {
  scope: FailureScope;
  key: string;
  max: number;
}

/**
 * The checks in progress for one key: no more at once than failures remain, so that a burst is limited as exactly as a
 * sequence. Further attempts wait for earlier ones.
 */
export class InFlightAttempts {
  /** Requests that use this object. */
  users = 0;
  private checking = 0;
  private failures = 0;
  private endsAt = 0;
  private waiting: (() => void)[] = [];

  constructor(readonly limit: Limit) {}

  update({ failures, endsInMilliseconds }: Tally): void {
    if (failures < this.currentFailures()) return;
    this.failures = failures;
    this.endsAt = performance.now() + endsInMilliseconds;
  }

  /** Returns false if the limit is reached; true takes a slot, which `leave` releases. */
  async enter(): Promise<boolean> {
    while (this.currentFailures() < this.limit.max) {
      if (this.currentFailures() + this.checking < this.limit.max) {
        this.checking++;
        return true;
      }
      if (this.waiting.length >= MAX_WAITING) throw new TemporarilyUnavailable();
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
    return false;
  }

  leave(): void {
    this.checking--;
    for (const resolve of this.waiting.splice(0)) resolve();
  }

  get endsInMilliseconds(): number {
    return Math.max(this.endsAt - performance.now(), 0);
  }

  private currentFailures(): number {
    return this.endsInMilliseconds > 0 ? this.failures : 0;
  }
}

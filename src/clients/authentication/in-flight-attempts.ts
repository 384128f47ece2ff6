import { TemporarilyUnavailable } from '../../protocol/unavailable.js';
import type { Tally } from './failure-counter.js';
import type { FailureScope } from './too-many-failures.js';

const MAX_WAITING = 1000;

/** So many failures are allowed of what is counted under a key. */
export interface Limit {
  scope: FailureScope;
  key: string;
  most: number;
}

/**
 * The credentials of one key that are being checked: no more at once than failures are left, so that a burst is
 * counted as exactly as a sequence. Who finds no room waits for those before it.
 */
export class InFlightAttempts {
  /** Requests that hold this object. */
  users = 0;
  private checking = 0;
  private failures = 0;
  private endsAt = 0;
  private waiting: (() => void)[] = [];

  constructor(readonly limit: Limit) {}

  learn({ failures, endsInMilliseconds }: Tally): void {
    if (failures < this.known()) return;
    this.failures = failures;
    this.endsAt = performance.now() + endsInMilliseconds;
  }

  /** Answers false when there are too many failures; true takes room, which `leave` gives back. */
  async enter(): Promise<boolean> {
    while (this.known() < this.limit.most) {
      if (this.known() + this.checking < this.limit.most) {
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

  private known(): number {
    return this.endsInMilliseconds > 0 ? this.failures : 0;
  }
}

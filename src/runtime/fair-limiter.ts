import { TemporarilyUnavailable } from '../protocol/unavailable.js';

export interface FairLimits {
  /** Calls that run at once. */
  concurrency: number;
  maxWaitingPerCaller: number;
  maxWaiting: number;
}

interface Waiting {
  start: () => void;
  reject: (error: Error) => void;
}

/**
 * Runs a limited number of calls at once; callers take turns, so one with many calls delays another by the calls that
 * are running. In a full queue a caller with fewer calls displaces the newest call of the one with the most.
 */
export class FairLimiter {
  private running = 0;
  /** In the order of the callers' next turns. */
  private readonly waiting = new Map<string, Waiting[]>();
  private waitingCount = 0;

  constructor(private readonly limits: FairLimits) {}

  /** How many calls wait. */
  get length(): number {
    return this.waitingCount;
  }

  async run<T>(caller: string, call: () => Promise<T>): Promise<T> {
    if (this.running < this.limits.concurrency) this.running++;
    else await this.turn(caller);
    try {
      return await call();
    } finally {
      this.startNext();
    }
  }

  private turn(caller: string): Promise<void> {
    const own = this.waiting.get(caller) ?? [];
    if (own.length >= this.limits.maxWaitingPerCaller || !this.makeRoom(own.length))
      throw new TemporarilyUnavailable();
    this.waiting.set(caller, own);
    this.waitingCount++;
    return new Promise((start, reject) => own.push({ start, reject }));
  }

  private startNext(): void {
    const [next] = this.waiting;
    if (!next) {
      this.running--;
      return;
    }
    const [caller, calls] = next;
    this.waiting.delete(caller);
    const call = calls.shift() as Waiting;
    if (calls.length > 0) this.waiting.set(caller, calls);
    this.waitingCount--;
    call.start();
  }

  /** Returns false if the queue is full and no caller has more calls than this one would have. */
  private makeRoom(ownCalls: number): boolean {
    if (this.waitingCount < this.limits.maxWaiting) return true;
    const longest = [...this.waiting.values()].reduce((most, calls) =>
      calls.length > most.length ? calls : most,
    );
    if (longest.length <= ownCalls + 1) return false;
    longest.pop()?.reject(new TemporarilyUnavailable());
    this.waitingCount--;
    return true;
  }
}

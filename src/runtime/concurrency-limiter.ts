import { TemporarilyUnavailable } from '../protocol/unavailable.js';

export interface WaitLimits {
  maxWaiting?: number;
  maxWaitMs?: number;
}

/**
 * Runs a limited number of calls at once; the others wait in order. A call is rejected when the queue is full or when
 * it has waited too long.
 */
export class ConcurrencyLimiter {
  private running = 0;
  private readonly waiting = new Set<() => void>();
  private readonly maxWaiting: number;
  private readonly maxWaitMs: number | undefined;

  constructor(
    private readonly limit: number,
    { maxWaiting = Number.POSITIVE_INFINITY, maxWaitMs }: WaitLimits,
  ) {
    this.maxWaiting = maxWaiting;
    this.maxWaitMs = maxWaitMs;
  }

  /** How many calls wait. */
  get length(): number {
    return this.waiting.size;
  }

  async run<T>(call: () => Promise<T>, maxWaitMs = this.maxWaitMs): Promise<T> {
    if (this.running < this.limit) this.running++;
    else await this.turn(maxWaitMs);
    try {
      return await call();
    } finally {
      const [next] = this.waiting;
      if (next) next();
      else this.running--;
    }
  }

  private turn(maxWaitMs: number | undefined): Promise<void> {
    if (this.waiting.size >= this.maxWaiting) throw new TemporarilyUnavailable();
    return new Promise((resolve, reject) => {
      const start = () => {
        clearTimeout(timer);
        this.waiting.delete(start);
        resolve();
      };
      const refuse = () => {
        if (this.waiting.delete(start)) reject(new TemporarilyUnavailable());
      };
      this.waiting.add(start);
      // One more tick: results that arrived while the process was blocked free their places first.
      const timer =
        maxWaitMs === undefined ? undefined : setTimeout(() => setImmediate(refuse), maxWaitMs).unref();
    });
  }
}

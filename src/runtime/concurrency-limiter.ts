import { TemporarilyUnavailable } from '../protocol/unavailable.js';

interface Waiting {
  since: number;
  start: () => void;
  reject: (error: unknown) => void;
}

/** Runs a number of calls at once; the others take turns, and a call that waits too long for its turn is refused. */
export class ConcurrencyLimiter {
  private running = 0;
  private waiting: Waiting[] = [];
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly limit: number,
    private readonly maxWaitMs: number,
  ) {}

  async run<T>(call: () => Promise<T>): Promise<T> {
    if (this.running < this.limit) this.running++;
    else await this.turn();
    try {
      return await call();
    } finally {
      const next = this.waiting.shift();
      if (next) next.start();
      else this.running--;
    }
  }

  private turn(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ since: performance.now(), start: resolve, reject });
      this.timer ??= this.schedule();
    });
  }

  private schedule(): NodeJS.Timeout {
    // After one more turn of the event loop, so that answers which came during a pause of the process count first.
    return setTimeout(() => setImmediate(() => this.refuseOverdue()), this.maxWaitMs / 4).unref();
  }

  private refuseOverdue(): void {
    const since = performance.now() - this.maxWaitMs;
    const overdue = this.waiting.findIndex((one) => one.since > since);
    const count = overdue === -1 ? this.waiting.length : overdue;
    for (const { reject } of this.waiting.splice(0, count)) reject(new TemporarilyUnavailable());
    this.timer = this.waiting.length > 0 ? this.schedule() : undefined;
  }
}

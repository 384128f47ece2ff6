import { ConcurrencyLimiter } from '../../../runtime/concurrency-limiter.js';

interface PerHostSlot {
  limiter: ConcurrencyLimiter;
  calls: number;
}

/** A concurrency limit per host, so that no host occupies all slots. */
export class PerHostLimiter {
  private readonly slots = new Map<string, PerHostSlot>();

  constructor(private readonly limiterOfHost: () => ConcurrencyLimiter) {}

  async run<T>(host: string, call: () => Promise<T>, maxWaitMs: number): Promise<T> {
    const slot = this.slots.get(host) ?? { limiter: this.limiterOfHost(), calls: 0 };
    this.slots.set(host, slot);
    slot.calls++;
    try {
      return await slot.limiter.run(call, maxWaitMs);
    } finally {
      if (--slot.calls === 0) this.slots.delete(host);
    }
  }
}

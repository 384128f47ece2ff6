import { nowMilliseconds } from '../runtime/clock.js';
import { LatencyCounts } from './latency-counts.js';

export const MINUTE_MS = 60_000;
export const KEPT_MINUTES = 60;

export type TokenOutcome = 'issued' | 'refused' | 'failed';

/** The token requests of one minute, as another process can receive it. */
export interface ActivityMinute {
  /** Minutes since the epoch. */
  minute: number;
  issued: number;
  refused: number;
  failed: number;
  /** How often each error code was the answer. */
  reasons: Record<string, number>;
  /** Requests by latency bucket. */
  latencies: Record<number, number>;
}

interface Slot {
  minute: number;
  outcomes: Record<TokenOutcome, number>;
  reasons: Map<string, number>;
  latencies: LatencyCounts;
}

/**
 * The token requests of this process in the last hour, one slot for each minute. It takes some 30 kB, whatever is
 * requested: reasons are error codes of this server, never a value of a request.
 */
export class RecentActivity {
  private readonly slots: (Slot | undefined)[] = new Array(KEPT_MINUTES).fill(undefined);

  constructor(private readonly now: () => number = nowMilliseconds) {}

  issued(milliseconds: number): void {
    const slot = this.current();
    slot.outcomes.issued++;
    slot.latencies.add(milliseconds);
  }

  /** `milliseconds` is absent for a request that was rejected before its parameters were read. */
  rejected(status: number, reason: string, milliseconds?: number): void {
    const slot = this.current();
    slot.outcomes[status < 500 ? 'refused' : 'failed']++;
    slot.reasons.set(reason, (slot.reasons.get(reason) ?? 0) + 1);
    if (milliseconds !== undefined) slot.latencies.add(milliseconds);
  }

  /** The minutes with requests, of the last hour, in no order. */
  minutes(): ActivityMinute[] {
    const last = minuteOf(this.now());
    return this.slots
      .filter((slot) => slot !== undefined)
      .filter(({ minute }) => minute <= last && minute > last - KEPT_MINUTES)
      .map(({ minute, outcomes, reasons, latencies }) => ({
        minute,
        ...outcomes,
        reasons: Object.fromEntries(reasons),
        latencies: latencies.counts(),
      }));
  }

  private current(): Slot {
    const minute = minuteOf(this.now());
    const place = minute % KEPT_MINUTES;
    const slot = this.slots[place];
    if (slot?.minute === minute) return slot;
    const next: Slot = {
      minute,
      outcomes: { issued: 0, refused: 0, failed: 0 },
      reasons: new Map(),
      latencies: new LatencyCounts(),
    };
    this.slots[place] = next;
    return next;
  }
}

export const minuteOf = (milliseconds: number): number => Math.floor(milliseconds / MINUTE_MS);

import { isoTime } from '../../administration/documents/meta.js';
import { percentile } from '../../metrics/latency-counts.js';
import { type ActivityMinute, KEPT_MINUTES, MINUTE_MS, minuteOf } from '../../metrics/recent-activity.js';

const MEDIAN = 0.5;
const SLOWEST = 0.99;

type Latencies = Map<number, number>;

/** The minutes of several processes as one. */
class Sum {
  issued = 0;
  refused = 0;
  failed = 0;
  readonly reasons = new Map<string, number>();
  readonly latencies: Latencies = new Map();

  add({ issued, refused, failed, reasons, latencies }: ActivityMinute): void {
    this.issued += issued;
    this.refused += refused;
    this.failed += failed;
    for (const [reason, count] of Object.entries(reasons)) increase(this.reasons, reason, count);
    for (const [bucket, count] of Object.entries(latencies)) increase(this.latencies, Number(bucket), count);
  }
}

function increase<K>(counts: Map<K, number>, key: K, by: number): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}

/** The last hour of token requests, one entry for each of its minutes, the present one last. */
export function activityView(processes: readonly (readonly ActivityMinute[])[], now: number) {
  const last = minuteOf(now);
  const hour = new Sum();
  const minutes = new Map<number, Sum>();
  for (const counted of processes.flat()) {
    const minute = minutes.get(counted.minute) ?? new Sum();
    minute.add(counted);
    minutes.set(counted.minute, minute);
    hour.add(counted);
  }
  return {
    ...outcomesOf(hour),
    refusals: [...hour.reasons]
      .map(([reason, count]) => ({ reason, count }))
      .sort((one, other) => other.count - one.count || one.reason.localeCompare(other.reason)),
    minutes: Array.from({ length: KEPT_MINUTES }, (_, place) => {
      const minute = last - KEPT_MINUTES + 1 + place;
      return { start: isoTime(minute * MINUTE_MS), ...outcomesOf(minutes.get(minute) ?? new Sum()) };
    }),
  };
}

function outcomesOf({ issued, refused, failed, latencies }: Sum) {
  const p50 = percentile(latencies, MEDIAN);
  const p99 = percentile(latencies, SLOWEST);
  return {
    issued,
    refused,
    failed,
    ...(p50 === undefined ? {} : { latency_ms: { p50, p99 } }),
  };
}

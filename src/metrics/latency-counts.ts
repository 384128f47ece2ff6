const FIRST_BOUND_MS = 0.25;
/** Each bound is a tenth above the one before, so a percentile is exact to 5 %. */
const RATIO = 1.1;
const BUCKETS = 120;

const LOG_RATIO = Math.log(RATIO);

/** How many requests took how long, in buckets from a quarter of a millisecond to 20 seconds. */
export class LatencyCounts {
  private readonly buckets = new Uint32Array(BUCKETS);

  add(milliseconds: number): void {
    const bucket = bucketOf(milliseconds);
    this.buckets[bucket] = (this.buckets[bucket] as number) + 1;
  }

  /** Without empty buckets. */
  counts(): Record<number, number> {
    return Object.fromEntries([...this.buckets.entries()].filter(([, count]) => count > 0));
  }
}

function bucketOf(milliseconds: number): number {
  if (!(milliseconds > FIRST_BOUND_MS)) return 0;
  return Math.min(Math.ceil(Math.log(milliseconds / FIRST_BOUND_MS) / LOG_RATIO), BUCKETS - 1);
}

/** The latency below which this share of requests stays, in milliseconds; undefined without requests. */
export function percentile(counts: ReadonlyMap<number, number>, share: number): number | undefined {
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  let left = Math.ceil(total * share);
  for (const [bucket, count] of [...counts].sort(([one], [other]) => one - other)) {
    left -= count;
    if (left <= 0) return middleOf(bucket);
  }
  return undefined;
}

function middleOf(bucket: number): number {
  const middle = FIRST_BOUND_MS * RATIO ** (bucket - 0.5);
  return Number(middle.toPrecision(2));
}

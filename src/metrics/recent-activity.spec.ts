import { describe, expect, it } from 'vitest';
import { percentile } from './latency-counts.js';
import { KEPT_MINUTES, MINUTE_MS, RecentActivity } from './recent-activity.js';

const START_MINUTE = 1_000_001;

function recording() {
  let minute = START_MINUTE;
  const activity = new RecentActivity(() => minute * MINUTE_MS + 59_999);
  return { activity, pass: (minutes: number) => (minute += minutes) };
}

describe('RecentActivity', () => {
  it('counts outcomes and reasons by minute, and times only what has a time', () => {
    const { activity, pass } = recording();
    activity.issued(1);
    activity.rejected(401, 'invalid_client', 2);
    activity.rejected(503, 'temporarily_unavailable');
    pass(1);
    activity.issued(3);
    const [first, second] = activity.minutes().sort((one, other) => one.minute - other.minute);
    expect(first).toMatchObject({
      minute: START_MINUTE,
      issued: 1,
      refused: 1,
      failed: 1,
      reasons: { invalid_client: 1, temporarily_unavailable: 1 },
    });
    expect(Object.values(first?.latencies ?? {})).toEqual([1, 1]);
    expect(second).toMatchObject({ minute: START_MINUTE + 1, issued: 1, refused: 0, reasons: {} });
  });

  it('keeps an hour, and reuses the place of a minute that is older', () => {
    const { activity, pass } = recording();
    activity.issued(1);
    pass(KEPT_MINUTES - 1);
    expect(activity.minutes()).toHaveLength(1);
    pass(1);
    expect(activity.minutes()).toEqual([]);
    activity.issued(1);
    expect(activity.minutes()).toMatchObject([{ minute: START_MINUTE + KEPT_MINUTES, issued: 1 }]);
  });

  it('leaves out minutes that are ahead after the clock was set back', () => {
    const { activity, pass } = recording();
    activity.issued(1);
    pass(-5);
    expect(activity.minutes()).toEqual([]);
  });

  it.each([0, 0.1, 0.3, 1, 4.2, 17, 250, 1999, 15_000])(
    'finds a latency of %d ms again within 6 %%',
    (ms) => {
      const { activity } = recording();
      activity.issued(ms);
      const counts = new Map(
        Object.entries(activity.minutes()[0]?.latencies ?? {}).map(([b, n]) => [Number(b), n]),
      );
      const found = percentile(counts, 0.5) as number;
      expect(Math.abs(found - ms)).toBeLessThanOrEqual(Math.max(ms * 0.06, 0.25));
    },
  );

  it('takes the percentile of a share of all requests', () => {
    const counts = new Map([
      [10, 98],
      [60, 2],
    ]);
    expect(percentile(counts, 0.5)).toBe(percentile(new Map([[10, 1]]), 1));
    expect(percentile(counts, 0.99)).toBe(percentile(new Map([[60, 1]]), 1));
    expect(percentile(new Map(), 0.5)).toBeUndefined();
  });
});

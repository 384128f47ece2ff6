import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bucketsOf, quotaHeader, refusalOf } from './token-quota.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const MIDNIGHT = 1_767_225_600_000;
const BOTH = { perHour: 10, perDay: 50, enforce: true };

const used = (hourStart: number, hour: number, dayStart: number, day: number) => ({
  hour_start: hourStart,
  hour_used: hour,
  day_start: dayStart,
  day_used: day,
});

describe('A token quota', () => {
  it("is reported as in Auth0's header", () => {
    const now = MIDNIGHT + 60_000;
    const buckets = bucketsOf(BOTH, used(MIDNIGHT, 3, MIDNIGHT, 3), now);
    expect(quotaHeader(buckets, now)).toBe('b=per_hour;q=10;r=7;t=3540,b=per_day;q=50;r=47;t=86340');
  });

  it('is whole again when its hour or its day of UTC has ended', () => {
    const now = MIDNIGHT + DAY;
    const use = used(MIDNIGHT + 23 * HOUR, 10, MIDNIGHT, 50);
    const before = bucketsOf(BOTH, use, now - 1);
    expect(quotaHeader(before, now - 1)).toBe('b=per_hour;q=10;r=0;t=1,b=per_day;q=50;r=0;t=1');
    expect(quotaHeader(bucketsOf(BOTH, use, now), now)).toBe(
      'b=per_hour;q=10;r=10;t=3600,b=per_day;q=50;r=50;t=86400',
    );
  });

  it('is counted in the window of a process whose clock is ahead', () => {
    const now = MIDNIGHT - 1000;
    const buckets = bucketsOf({ perHour: 2, enforce: true }, used(MIDNIGHT, 1, MIDNIGHT, 1), now);
    expect(quotaHeader(buckets, now)).toBe('b=per_hour;q=2;r=1;t=3601');
  });

  it('refuses until the window ends that is used up the longest', () => {
    const now = MIDNIGHT + 60_000;
    const refusal = refusalOf(bucketsOf(BOTH, used(MIDNIGHT, 10, MIDNIGHT, 50), now), now);
    expect(refusal?.headers).toEqual({
      'retry-after': '86340',
      'x-ratelimit-limit': '50',
      'x-ratelimit-remaining': '0',
      'x-ratelimit-reset': String((MIDNIGHT + DAY) / 1000),
    });
  });

  it('refuses by the day in the last hour of a day, when both are used up', () => {
    const now = MIDNIGHT + DAY - 60_000;
    const refusal = refusalOf(bucketsOf(BOTH, used(MIDNIGHT + 23 * HOUR, 10, MIDNIGHT, 50), now), now);
    expect(refusal?.description).toBe('the token quota of this day is used up');
    expect(refusal?.headers).toMatchObject({ 'retry-after': '60', 'x-ratelimit-limit': '50' });
  });

  it('refuses exactly when a window has nothing left', () => {
    fc.assert(
      fc.property(fc.nat(60), fc.nat(60), fc.nat(DAY - 1), (hour, day, past) => {
        const now = MIDNIGHT + past;
        const hourStart = now - (now % HOUR);
        const buckets = bucketsOf(BOTH, used(hourStart, hour, MIDNIGHT, day), now);
        expect(refusalOf(buckets, now) !== undefined).toBe(hour >= 10 || day >= 50);
      }),
    );
  });
});

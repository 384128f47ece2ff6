import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SteadyClock } from './steady-clock.js';

const T = 1_800_000_000_000;
const SECOND = 1000;
const DAY = 24 * 3600 * SECOND;

/** A clock that is read once a second, with the offset the test sets. */
function watched() {
  let passed = 0;
  const clock = new SteadyClock(() => passed);
  const read = (off = 0) => {
    passed += SECOND;
    return clock.observe(T + passed + off);
  };
  clock.observe(T);
  return { clock, read, error: () => clock.now() - (T + passed) };
}

describe('SteadyClock', () => {
  it.each([400 * DAY, 3600 * SECOND, 2 * SECOND, -2 * SECOND, -3600 * SECOND])(
    'ignores a jump of %i ms that ends within a minute (fault F6)',
    (off) => {
      const { clock, read, error } = watched();
      expect(read(off)).toBe('jumped');
      for (let n = 0; n < 50; n++) expect(read(off)).toBe('away');
      expect(clock.away).toBe(off);
      expect(error()).toBe(0);
      expect(read()).toBe('back');
      expect([clock.away, error()]).toEqual([0, 0]);
    },
  );

  it('follows a jump that lasts for a minute (fault D4)', () => {
    const { read, error } = watched();
    const seen = Array.from({ length: 62 }, () => read(-3600 * SECOND));
    expect(seen.indexOf('followed')).toBe(60);
    expect(seen.at(-1)).toBe('agrees');
    expect(error()).toBe(-3600 * SECOND);
  });

  it('restarts the count when one jump follows another (fault F6)', () => {
    const { read, error } = watched();
    for (let n = 0; n < 50; n++) read(DAY);
    expect(read(2 * DAY)).toBe('jumped');
    for (let n = 0; n < 50; n++) expect(read(2 * DAY)).toBe('away');
    expect(error()).toBe(0);
  });

  it('follows a clock that is slewed (fault D4)', () => {
    const { read, error } = watched();
    for (let n = 1; n <= 1000; n++) expect(read(n / 2)).toBe('agrees');
    expect(error()).toBeGreaterThan(495);
  });

  it('never moves by more than a second within a minute of a jump, whatever the clock reads (fault F6)', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -DAY, max: DAY }), { maxLength: 59 }), (offs) => {
        const { read, error } = watched();
        let last = 0;
        for (const off of offs) {
          read(off);
          expect(Math.abs(error() - last)).toBeLessThanOrEqual(SECOND);
          last = error();
        }
      }),
    );
  });
});

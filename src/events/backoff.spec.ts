import { describe, expect, it } from 'vitest';
import { pauseAfter } from './backoff.js';

describe('The pause after failed deliveries', () => {
  it('is doubled each time, up to a minute', () => {
    const pauses = Array.from({ length: 9 }, (_, n) => pauseAfter(n + 1) / 1000);
    expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60]);
  });

  it('ends within a minute after a receiver is back, however long it was unreachable', () => {
    let clock = 0;
    let failures = 0;
    while (clock < 60_000) clock += pauseAfter(++failures);
    expect(clock).toBe(63_000);
    expect(pauseAfter(1_000_000)).toBe(60_000);
  });
});

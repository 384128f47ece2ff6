import { describe, expect, it, vi } from 'vitest';
import { MemoryFailureCounter } from './failure-counter.js';

describe('The count of one process', () => {
  it('ends a minute after its first failure (C15, ASVS 6.3.1)', async () => {
    vi.useFakeTimers();
    try {
      const counter = new MemoryFailureCounter();
      expect(await counter.read('key')).toEqual({ failures: 0, endsInMilliseconds: 0 });
      expect(await counter.add('key')).toEqual({ failures: 1, endsInMilliseconds: 60_000 });
      vi.advanceTimersByTime(59_000);
      expect(await counter.add('key')).toEqual({ failures: 2, endsInMilliseconds: 1000 });
      expect(await counter.read('another')).toEqual({ failures: 0, endsInMilliseconds: 0 });
      vi.advanceTimersByTime(1000);
      expect(await counter.read('key')).toEqual({ failures: 0, endsInMilliseconds: 0 });
      expect((await counter.add('key')).failures).toBe(1);
    } finally {
      vi.useRealTimers();
    }
  });

  it('keeps no more than a bounded number of keys in a flood, and those that it has (L01, ASVS 2.4.1)', async () => {
    const counter = new MemoryFailureCounter();
    await counter.add('before');
    for (let n = 0; n < 400_000; n++) await counter.add(`flood ${n}`);
    const { _storage } = (counter as any).limiter._memoryStorage;
    expect(_storage.size).toBeLessThanOrEqual(200_000 + 2 ** 17);
    expect((await counter.add('before')).failures).toBe(2);
  }, 120_000);
});

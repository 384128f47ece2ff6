import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { TemporarilyUnavailable } from '../protocol/unavailable.js';
import { ConcurrencyLimiter } from './concurrency-limiter.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('ConcurrencyLimiter', () => {
  it('runs as many calls at once as it may, and the others as those end (fault F12)', async () => {
    const limiter = new ConcurrencyLimiter(2, 1000);
    const begun: number[] = [];
    const ends: (() => void)[] = [];
    const calls = [0, 1, 2, 3].map((number) =>
      limiter.run(() => {
        begun.push(number);
        return new Promise<number>((resolve) => ends.push(() => resolve(number)));
      }),
    );
    await vi.advanceTimersByTimeAsync(0);
    expect(begun).toEqual([0, 1]);
    ends[0]?.();
    await calls[0];
    await vi.advanceTimersByTimeAsync(0);
    expect(begun).toEqual([0, 1, 2]);
    for (const end of ends) end();
    await vi.advanceTimersByTimeAsync(0);
    ends[3]?.();
    expect(await Promise.all(calls)).toEqual([0, 1, 2, 3]);
  });

  it('refuses a call that waits too long, and does not run it later (fault F12)', async () => {
    const limiter = new ConcurrencyLimiter(1, 1000);
    let end: () => void = () => undefined;
    const first = limiter.run(() => new Promise<void>((resolve) => (end = resolve)));
    const call = vi.fn(async () => undefined);
    const waiting = limiter.run(call).catch((error) => error);
    await vi.advanceTimersByTimeAsync(1250);
    expect(await waiting).toBeInstanceOf(TemporarilyUnavailable);
    end();
    await first;
    expect(call).not.toHaveBeenCalled();
    expect(await limiter.run(async () => 'served')).toBe('served');
  });
});

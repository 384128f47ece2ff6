import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { TemporarilyUnavailable } from '../protocol/unavailable.js';
import { ConcurrencyLimiter } from './concurrency-limiter.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A call that ends when the test says so. */
function heldCall() {
  let finish: (value: string) => void = () => undefined;
  let fail: (error: Error) => void = () => undefined;
  const held = new Promise<string>((resolve, reject) => {
    finish = resolve;
    fail = reject;
  });
  const run = vi.fn(() => held);
  return { run, finish: (value = 'done') => finish(value), fail: (error: Error) => fail(error) };
}

const settle = () => vi.advanceTimersByTimeAsync(0);

describe('ConcurrencyLimiter', () => {
  it('runs as many calls at once as its limit, and the others in order as those end (fault F12)', async () => {
    const limiter = new ConcurrencyLimiter(2, { maxWaiting: 10 });
    const calls = Array.from({ length: 4 }, heldCall);
    const started = () => calls.map(({ run }) => run.mock.calls.length);
    const results = calls.map(({ run }) => limiter.run(run));
    await settle();
    expect(started()).toEqual([1, 1, 0, 0]);
    calls[1]!.finish('second');
    await settle();
    expect(started()).toEqual([1, 1, 1, 0]);
    calls[0]!.finish('first');
    await settle();
    expect(started()).toEqual([1, 1, 1, 1]);
    calls[2]!.finish('third');
    calls[3]!.finish('fourth');
    expect(await Promise.all(results)).toEqual(['first', 'second', 'third', 'fourth']);
  });

  it('starts the next call when one fails', async () => {
    const limiter = new ConcurrencyLimiter(1, { maxWaiting: 1 });
    const failing = heldCall();
    const first = limiter.run(failing.run);
    const second = limiter.run(async () => 'second');
    failing.fail(new Error('broken'));
    await expect(first).rejects.toThrow('broken');
    expect(await second).toBe('second');
    expect(await limiter.run(async () => 'third')).toBe('third');
  });

  it('rejects a call while its queue is full, and accepts one after that (L07, ASVS 13.2.6)', async () => {
    const limiter = new ConcurrencyLimiter(1, { maxWaiting: 1 });
    const running = heldCall();
    const first = limiter.run(running.run);
    const waiting = limiter.run(async () => 'waited');
    const refused = heldCall();
    await expect(limiter.run(refused.run)).rejects.toBeInstanceOf(TemporarilyUnavailable);
    running.finish();
    expect(await Promise.all([first, waiting])).toEqual(['done', 'waited']);
    expect(refused.run).not.toHaveBeenCalled();
    expect(await limiter.run(async () => 'later')).toBe('later');
  });

  it.each([
    ['its own maximum', {}, 1000],
    ["the limiter's maximum", { maxWaitMs: 1000 }, undefined],
  ])(
    'rejects a call that waits longer than %s, and never runs it (fault F12)',
    async (_, limits, maxWaitMs) => {
      const limiter = new ConcurrencyLimiter(1, limits);
      const running = heldCall();
      const first = limiter.run(running.run);
      const late = heldCall();
      const waiting = limiter.run(late.run, maxWaitMs).catch((error) => error);
      await vi.advanceTimersByTimeAsync(1001);
      expect(await waiting).toBeInstanceOf(TemporarilyUnavailable);
      running.finish();
      await first;
      expect(late.run).not.toHaveBeenCalled();
      expect(await limiter.run(async () => 'served')).toBe('served');
    },
  );

  it('gives the place of a rejected call to the next one', async () => {
    const limiter = new ConcurrencyLimiter(1, { maxWaiting: 1 });
    const running = heldCall();
    const first = limiter.run(running.run);
    const late = limiter.run(async () => 'late', 10).catch((error) => error);
    await vi.advanceTimersByTimeAsync(11);
    expect(await late).toBeInstanceOf(TemporarilyUnavailable);
    const next = limiter.run(async () => 'next', 10_000);
    running.finish();
    expect(await Promise.all([first, next])).toEqual(['done', 'next']);
  });
});

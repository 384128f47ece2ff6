import { describe, expect, it } from 'vitest';
import { TemporarilyUnavailable } from '../protocol/unavailable.js';
import { FairLimiter } from './fair-limiter.js';

/** A limiter whose calls end one at a time, and the order in which they started. */
function aLimiter(limits = {}) {
  const limiter = new FairLimiter({ concurrency: 2, maxWaitingPerCaller: 100, maxWaiting: 100, ...limits });
  const started: string[] = [];
  const running: (() => void)[] = [];
  const call = (caller: string) => {
    const outcome = limiter.run(caller, () => {
      started.push(caller);
      return new Promise<void>((resolve) => running.push(resolve));
    });
    outcome.catch(() => undefined);
    return outcome;
  };
  const endOne = async () => {
    running.shift()?.();
    await new Promise(setImmediate);
  };
  return { call, started, endOne };
}

describe('FairLimiter', () => {
  it('starts the first call of another caller next, however many one caller has queued (fault B4)', async () => {
    const { call, started, endOne } = aLimiter();
    for (let n = 0; n < 50; n++) call('flood');
    for (const caller of ['b', 'c', 'b', 'c']) call(caller);
    for (let n = 0; n < 7; n++) await endOne();
    expect(started).toEqual(['flood', 'flood', 'flood', 'b', 'c', 'flood', 'b', 'c', 'flood']);
  });

  it('lets one caller use every place while no other waits', async () => {
    const { call, started, endOne } = aLimiter();
    const calls = Array.from({ length: 5 }, () => call('a'));
    expect(started).toHaveLength(2);
    for (let n = 0; n < 5; n++) await endOne();
    expect(await Promise.all(calls)).toHaveLength(5);
  });

  it('rejects the calls of a caller beyond its share, and no other caller (L07, ASVS 13.2.6)', async () => {
    const { call, started, endOne } = aLimiter({ maxWaitingPerCaller: 3 });
    for (let n = 0; n < 5; n++) call('a');
    await expect(call('a')).rejects.toBeInstanceOf(TemporarilyUnavailable);
    const other = call('b');
    for (let n = 0; n < 7; n++) await endOne();
    await other;
    expect(started.filter((caller) => caller === 'a')).toHaveLength(5);
  });

  it('rejects the newest call of the longest queue while all places are taken (fault B4)', async () => {
    const { call, started, endOne } = aLimiter({ maxWaiting: 4 });
    const many = Array.from({ length: 6 }, () => call('many'));
    const one = call('one');
    await expect(many[5]).rejects.toBeInstanceOf(TemporarilyUnavailable);
    for (const caller of ['two', 'three']) call(caller);
    await expect(call('one')).rejects.toBeInstanceOf(TemporarilyUnavailable);
    for (let n = 0; n < 6; n++) await endOne();
    await Promise.all([one, ...many.slice(0, 3)]);
    expect(started.toSorted()).toEqual(['many', 'many', 'many', 'one', 'three', 'two']);
  });

  it('starts the next call when one fails', async () => {
    const limiter = new FairLimiter({ concurrency: 1, maxWaitingPerCaller: 1, maxWaiting: 1 });
    const failing = limiter.run('a', () => Promise.reject(new Error('broken')));
    const next = limiter.run('a', async () => 'next');
    await expect(failing).rejects.toThrow('broken');
    expect(await next).toBe('next');
    expect(await limiter.run('b', async () => 'later')).toBe('later');
  });
});

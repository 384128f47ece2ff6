import { describe, expect, it, vi } from 'vitest';
import { FairShare, type FairShareLimits } from './fair-share.js';

const LIMITS: FairShareLimits = {
  lanes: 2,
  maxWaitingPerCaller: 3,
  maxWaiting: 6,
  maxMilliseconds: 1000,
  tooLong: () => new Error('too long'),
};

/** Work that ends when the test says so and records when each task began. */
class Work {
  readonly begun: string[] = [];
  private readonly ends = new Map<string, () => void>();

  of(name: string): () => Promise<string> {
    return () => {
      this.begun.push(name);
      return new Promise((resolve) => this.ends.set(name, () => resolve(name)));
    };
  }

  async end(name: string): Promise<void> {
    this.ends.get(name)?.();
    await settled();
  }
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('FairShare', () => {
  it('runs one task of a caller at a time and leaves the other lane to other callers (fault B4)', async () => {
    const share = new FairShare(LIMITS);
    const work = new Work();
    const results = ['a1', 'a2', 'a3'].map((name) => share.run('a', work.of(name)));
    results.push(share.run('b', work.of('b1')));
    expect(work.begun).toEqual(['a1', 'b1']);
    for (const name of ['b1', 'a1', 'a2', 'a3']) await work.end(name);
    expect(work.begun).toEqual(['a1', 'b1', 'a2', 'a3']);
    expect(await Promise.all(results)).toEqual(['a1', 'a2', 'a3', 'b1']);
  });

  it('lets callers take turns, however many tasks one of them has (fault B4)', async () => {
    const share = new FairShare({ ...LIMITS, lanes: 1 });
    const work = new Work();
    for (const name of ['a1', 'a2', 'a3']) void share.run('a', work.of(name));
    for (const name of ['b1', 'b2']) void share.run('b', work.of(name));
    for (const name of ['a1', 'b1', 'a2', 'b2', 'a3']) await work.end(name);
    expect(work.begun).toEqual(['a1', 'b1', 'a2', 'b2', 'a3']);
  });

  it("rejects tasks above a caller's share or the queue's limit (fault B4)", async () => {
    const share = new FairShare(LIMITS);
    const work = new Work();
    const outcomes: string[] = [];
    const ask = (caller: string, name: string) =>
      void share
        .run(caller, work.of(name))
        .catch(({ message }: Error) => outcomes.push(`${name}: ${message}`));
    for (const name of ['a1', 'a2', 'a3', 'a4', 'a5']) ask('a', name);
    for (const name of ['b1', 'b2', 'b3', 'b4']) ask('b', name);
    ask('c', 'c1');
    await settled();
    expect(outcomes).toEqual([
      'a5: the server is temporarily unavailable',
      'c1: the server is temporarily unavailable',
    ]);
  });

  it('rejects a task that is out of time and keeps its lane until it ends (fault F4)', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const share = new FairShare({ ...LIMITS, lanes: 1 });
      const work = new Work();
      const running = share.run('a', work.of('a1')).catch(({ message }: Error) => message);
      const waiting = share.run('b', work.of('b1')).catch(({ message }: Error) => message);
      vi.advanceTimersByTime(1000);
      expect(await running).toBe('too long');
      expect(await waiting).toBe('the server is temporarily unavailable');
      const next = share.run('c', work.of('c1'));
      expect(work.begun).toEqual(['a1']);
      await work.end('a1');
      expect(work.begun).toEqual(['a1', 'c1']);
      await work.end('c1');
      expect(await next).toBe('c1');
    } finally {
      vi.useRealTimers();
    }
  });

  it('continues after a failed task', async () => {
    const share = new FairShare({ ...LIMITS, lanes: 1 });
    const failing = share.run('a', () => Promise.reject(new Error('no such table')));
    const next = share.run('a', async () => 'found');
    await expect(failing).rejects.toThrow('no such table');
    expect(await next).toBe('found');
  });
});

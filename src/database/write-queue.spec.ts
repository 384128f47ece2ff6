import { describe, expect, it } from 'vitest';
import type { Write } from './durable-writer.js';
import { type PendingWrite, WriteQueue } from './write-queue.js';

const write = (sql: string): Write => ({ statements: [{ sql, values: [] }] });
const nameOf = ({ write: pending }: PendingWrite) =>
  'statements' in pending ? (pending.statements[0]?.sql ?? '') : '';

/** An engine that commits a batch when the test says so. */
class HeldEngine {
  readonly batches: string[][] = [];
  private readonly held: { batch: PendingWrite[]; done: () => void; broken: (error: Error) => void }[] = [];

  commit = (batch: PendingWrite[]) =>
    new Promise<void>((done, broken) => {
      this.batches.push(batch.map(nameOf));
      this.held.push({ batch, done, broken });
    });

  finish(): void {
    const next = this.held.shift();
    for (const pending of next?.batch ?? []) pending.resolve(true);
    next?.done();
  }

  fail(error: Error): void {
    this.held.shift()?.broken(error);
  }
}

const atMost = (most: number) => (waiting: number) => Math.min(most, waiting);

const turns = async (count = 3) => {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
};

describe('WriteQueue', () => {
  it('commits the writes of one tick together, in order', async () => {
    const engine = new HeldEngine();
    const queue = new WriteQueue(1, atMost(10), engine.commit);
    const results = ['a', 'b', 'c'].map((sql) => queue.add(write(sql)));
    await turns();
    expect(engine.batches).toEqual([['a', 'b', 'c']]);
    engine.finish();
    expect(await Promise.all(results)).toEqual([true, true, true]);
  });

  it('collects writes that arrive during a flush for the next batch', async () => {
    const engine = new HeldEngine();
    const queue = new WriteQueue(1, atMost(10), engine.commit);
    const first = queue.add(write('a'));
    await turns();
    const later = ['b', 'c'].map((sql) => queue.add(write(sql)));
    await turns();
    expect(engine.batches).toEqual([['a']]);
    engine.finish();
    await turns();
    expect(engine.batches).toEqual([['a'], ['b', 'c']]);
    engine.finish();
    expect(await Promise.all([first, ...later])).toEqual([true, true, true]);
  });

  it('never exceeds the size of a batch', async () => {
    const engine = new HeldEngine();
    const queue = new WriteQueue(1, atMost(2), engine.commit);
    const results = ['a', 'b', 'c', 'd', 'e'].map((sql) => queue.add(write(sql)));
    for (let batch = 0; batch < 3; batch++) {
      await turns();
      engine.finish();
    }
    await Promise.all(results);
    expect(engine.batches).toEqual([['a', 'b'], ['c', 'd'], ['e']]);
  });

  it('rejects the writes of a failed batch, and continues', async () => {
    const engine = new HeldEngine();
    const queue = new WriteQueue(1, atMost(10), engine.commit);
    const lost = queue.add(write('a'));
    const refused = expect(lost).rejects.toThrow('the disk is gone');
    await turns();
    engine.fail(new Error('the disk is gone'));
    await refused;
    const next = queue.add(write('b'));
    await turns();
    engine.finish();
    expect(await next).toBe(true);
  });

  it('flushes as many batches at once as it has lanes', async () => {
    const engine = new HeldEngine();
    const queue = new WriteQueue(2, atMost(10), engine.commit);
    const results: Promise<boolean>[] = [];
    for (const sql of ['a', 'b', 'c']) {
      results.push(queue.add(write(sql)));
      await turns();
    }
    expect(engine.batches).toEqual([['a'], ['b']]);
    engine.finish();
    await turns();
    expect(engine.batches).toEqual([['a'], ['b'], ['c']]);
    engine.finish();
    engine.finish();
    expect(await Promise.all(results)).toEqual([true, true, true]);
  });

  it('is idle only when no write waits or is being flushed', async () => {
    const engine = new HeldEngine();
    const queue = new WriteQueue(1, atMost(1), engine.commit);
    await queue.idle();
    const results = ['a', 'b'].map((sql) => queue.add(write(sql)));
    let idle = false;
    const waited = queue.idle().then(() => {
      idle = true;
    });
    await turns();
    engine.finish();
    await turns();
    expect(idle).toBe(false);
    engine.finish();
    await Promise.all([...results, waited]);
    expect(idle).toBe(true);
  });
});

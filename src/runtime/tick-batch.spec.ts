import { describe, expect, it } from 'vitest';
import { TickBatch } from './tick-batch.js';

describe('TickBatch', () => {
  it('runs what one tick requested together, in order, at its end', async () => {
    const turn = new TickBatch();
    const done: string[] = [];
    const all = ['a', 'b'].map((name) => turn.run(() => done.push(name)));
    expect(done).toEqual([]);
    await all[0];
    expect(done).toEqual(['a', 'b']);
    await turn.run(() => done.push('c'));
    expect(done).toEqual(['a', 'b', 'c']);
  });

  it('rejects only the caller whose work failed', async () => {
    const turn = new TickBatch();
    const failing = () => {
      throw new Error('no');
    };
    const results = await Promise.allSettled([turn.run(failing), turn.run(() => 'yes')]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
  });
});

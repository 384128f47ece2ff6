import { describe, expect, it } from 'vitest';
import { TickBatch } from './tick-batch.js';

describe('Turn', () => {
  it('does what was asked for in one turn together, in its order, once the turn is over', async () => {
    const turn = new TickBatch();
    const done: string[] = [];
    const all = ['a', 'b'].map((name) => turn.run(() => done.push(name)));
    expect(done).toEqual([]);
    await all[0];
    expect(done).toEqual(['a', 'b']);
    await turn.run(() => done.push('c'));
    expect(done).toEqual(['a', 'b', 'c']);
  });

  it('tells only the one whose work has failed', async () => {
    const turn = new TickBatch();
    const failing = () => {
      throw new Error('no');
    };
    const results = await Promise.allSettled([turn.run(failing), turn.run(() => 'yes')]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
  });
});

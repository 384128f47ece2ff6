import { describe, expect, it } from 'vitest';
import { inSlices } from './slices.js';

/** Longer than one slice. */
const STEP_MS = 10;

function* busy(steps: number, note: () => void = () => undefined): Generator<void, string> {
  for (let step = 0; step < steps; step++) {
    note();
    const until = performance.now() + STEP_MS;
    while (performance.now() < until);
    yield;
  }
  return 'done';
}

describe('Work in slices', () => {
  it('yields to the event loop between slices (fault B6)', async () => {
    let turns = 0;
    let isDone = false;
    const count = () => {
      turns++;
      if (!isDone) setImmediate(count);
    };
    setImmediate(count);
    expect(await inSlices(busy(10))).toBe('done');
    isDone = true;
    expect(turns).toBeGreaterThanOrEqual(9);
  });

  it('shares one slice per tick with other such work (fault B6)', async () => {
    const order: number[] = [];
    const steps = (name: number) => inSlices(busy(3, () => order.push(name)));
    await Promise.all([steps(1), steps(2)]);
    expect(order).toEqual([1, 2, 1, 2, 1, 2]);
  });

  it('rejects with the error of the work', async () => {
    const failing = (function* () {
      yield;
      throw new Error('no');
    })();
    await expect(inSlices(failing)).rejects.toThrow('no');
  });
});

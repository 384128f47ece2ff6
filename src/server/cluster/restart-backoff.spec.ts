import { describe, expect, it } from 'vitest';
import { Patience } from './restart-backoff.js';

const pauses = (patience: Patience, count: number, servedMilliseconds?: number) =>
  Array.from({ length: count }, () => patience.workerDied(servedMilliseconds).pauseMilliseconds);

describe('Patience', () => {
  it('waits longer after each death, and not before the first', () => {
    expect(pauses(new Patience(), 5, 100)).toEqual([0, 250, 500, 1000, 2000]);
  });

  it('never waits longer than half a minute', () => {
    expect(Math.max(...pauses(new Patience(), 2000, 100))).toBe(30_000);
  });

  it('begins anew after a worker that had served for ten seconds', () => {
    const patience = new Patience();
    pauses(patience, 5, 100);
    expect(pauses(patience, 2, 10_000)).toEqual([0, 0]);
    expect(pauses(patience, 1, 9_999)).toEqual([250]);
  });

  it('has no hope after three workers in a row that never served', () => {
    const patience = new Patience();
    const hopeless = () => patience.workerDied().hopeless;
    expect(Array.from({ length: 2 }, hopeless)).toEqual([false, false]);
    expect(hopeless()).toBe(true);
    patience.workerServes();
    expect(hopeless()).toBe(false);
  });

  it('keeps hope as long as workers serve before they end', () => {
    const patience = new Patience();
    for (let n = 0; n < 20; n++) {
      patience.workerServes();
      expect(patience.workerDied(1).hopeless).toBe(false);
    }
  });
});

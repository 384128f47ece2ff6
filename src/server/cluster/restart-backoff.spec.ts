import { describe, expect, it } from 'vitest';
import { RestartBackoff } from './restart-backoff.js';

const pauses = (backoff: RestartBackoff, count: number, servedMilliseconds?: number) =>
  Array.from({ length: count }, () => backoff.workerDied(servedMilliseconds).pauseMilliseconds);

describe('RestartBackoff', () => {
  it('waits longer after each death, and not before the first', () => {
    expect(pauses(new RestartBackoff(), 5, 100)).toEqual([0, 250, 500, 1000, 2000]);
  });

  it('never waits longer than half a minute', () => {
    expect(Math.max(...pauses(new RestartBackoff(), 2000, 100))).toBe(30_000);
  });

  it('starts over after a worker that served for ten seconds', () => {
    const backoff = new RestartBackoff();
    pauses(backoff, 5, 100);
    expect(pauses(backoff, 2, 10_000)).toEqual([0, 0]);
    expect(pauses(backoff, 1, 9_999)).toEqual([250]);
  });

  it('gives up after three consecutive workers that never served', () => {
    const backoff = new RestartBackoff();
    const givenUp = () => backoff.workerDied().givenUp;
    expect(Array.from({ length: 2 }, givenUp)).toEqual([false, false]);
    expect(givenUp()).toBe(true);
    backoff.workerServes();
    expect(givenUp()).toBe(false);
  });

  it('does not give up while workers serve before they end', () => {
    const backoff = new RestartBackoff();
    for (let n = 0; n < 20; n++) {
      backoff.workerServes();
      expect(backoff.workerDied(1).givenUp).toBe(false);
    }
  });
});

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Chore } from './chore.js';
import type { Log } from './log.js';

const BETWEEN = { busy: 20, calm: 1000 };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function aChore(step: () => Promise<boolean>, busyShare = 1) {
  const warn = vi.fn();
  const chore = new Chore({ warn } as unknown as Log, {
    step,
    betweenMilliseconds: BETWEEN,
    busyShare,
    complaint: 'not done',
  });
  return { chore, warn };
}

describe('A chore', () => {
  it('is done soon again while there is more to do, calmly otherwise', async () => {
    const step = vi.fn().mockResolvedValueOnce(true).mockResolvedValue(false);
    const { chore } = aChore(step);
    chore.start();
    await vi.advanceTimersByTimeAsync(BETWEEN.calm - 1);
    expect(step).toHaveBeenCalledTimes(0);
    await vi.advanceTimersByTimeAsync(1);
    expect(step).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(BETWEEN.busy);
    expect(step).toHaveBeenCalledTimes(2);
    await vi.advanceTimersByTimeAsync(BETWEEN.calm - 1);
    expect(step).toHaveBeenCalledTimes(2);
    await vi.advanceTimersByTimeAsync(1);
    expect(step).toHaveBeenCalledTimes(3);
  });

  it('rests longer after a long step, where it may take a share of the time only', async () => {
    const sleep = () => new Promise<boolean>((resolve) => setTimeout(() => resolve(true), 100));
    const step = vi.fn(sleep);
    const { chore } = aChore(step, 0.2);
    chore.start(0);
    await vi.advanceTimersByTimeAsync(100 + 399);
    expect(step).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(step).toHaveBeenCalledTimes(2);
  });

  it('is tried again after it failed, and the log says so without the message of the fault', async () => {
    const step = vi.fn().mockRejectedValueOnce(new TypeError('with a value')).mockResolvedValue(false);
    const { chore, warn } = aChore(step);
    chore.start(0);
    await vi.advanceTimersByTimeAsync(0);
    expect(warn.mock.calls).toEqual([[{ fault: 'TypeError' }, 'not done']]);
    await vi.advanceTimersByTimeAsync(BETWEEN.calm);
    expect(step).toHaveBeenCalledTimes(2);
  });

  it('ends after the step under way', async () => {
    let finish = (_: boolean) => {};
    const step = vi.fn(() => new Promise<boolean>((resolve) => (finish = resolve)));
    const { chore } = aChore(step);
    chore.start(0);
    await vi.advanceTimersByTimeAsync(0);
    let stopped = false;
    const stop = chore.stop().then(() => (stopped = true));
    await vi.advanceTimersByTimeAsync(0);
    expect(stopped).toBe(false);
    finish(true);
    await stop;
    await vi.advanceTimersByTimeAsync(BETWEEN.calm);
    expect(step).toHaveBeenCalledTimes(1);
  });
});

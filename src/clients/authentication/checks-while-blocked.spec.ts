import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ChecksWhileBlocked } from './checks-while-blocked.js';

const HERE = '192.0.2.1';
let checks: ChecksWhileBlocked;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout'] });
  checks = new ChecksWhileBlocked();
});
afterEach(() => void vi.useRealTimers());

/** Whether a wrong secret was checked. */
const guess = async (key: string) =>
  (await checks.run(key, HERE, async () => checks.count(key))) !== undefined;

const guesses = async (key: string, times: number) => {
  const checked: boolean[] = [];
  for (let n = 0; n < times; n++) checked.push(await guess(key));
  return checked.filter(Boolean).length;
};

describe('ChecksWhileBlocked', () => {
  it('checks three wrong secrets an hour for each id, whatever happens to others (fault C2)', async () => {
    expect(await guesses('a', 5)).toBe(3);
    expect(await guesses('b', 5)).toBe(3);
    vi.advanceTimersByTime(60 * 60 * 1000 - 1);
    expect(await guess('a')).toBe(false);
    vi.advanceTimersByTime(2);
    expect(await guesses('a', 5)).toBe(3);
  });

  it('checks no more than that of a burst (fault C2)', async () => {
    const burst = await Promise.all(Array.from({ length: 30 }, () => guess('a')));
    expect(burst.filter(Boolean)).toHaveLength(3);
  });

  it('accepts any number of right secrets, also in a burst (fault C2)', async () => {
    const right = await Promise.all(
      Array.from({ length: 100 }, () => checks.run('a', HERE, async () => 'right')),
    );
    expect(right.filter((one) => one?.result === 'right')).toHaveLength(100);
  });

  it('checks at most 32 at once for one address, and others beside it (fault C2)', async () => {
    let end = () => {};
    const held = new Promise<void>((resolve) => (end = resolve));
    const begun = Array.from({ length: 40 }, (_, n) => checks.run(`id ${n}`, HERE, () => held));
    expect(await checks.run('other', '192.0.2.2', async () => 1)).toEqual({ result: 1 });
    end();
    expect((await Promise.all(begun)).filter((one) => one !== undefined)).toHaveLength(32);
    expect(await guess('later')).toBe(true);
  });
});

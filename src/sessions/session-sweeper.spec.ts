import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AgreedClock } from '../crypto/agreed-clock.js';
import type { DurableWriter } from '../database/durable-writer.js';
import type { Outage } from '../database/outage.js';
import type { RowReader } from '../database/row-reader.js';
import { SessionSweeper } from './session-sweeper.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A table of sessions; `hasEnded` says of each number whether its session has. */
function aTable(rows: number, hasEnded: (number: number) => boolean, isInDoubt = false) {
  const ends = new Map<string, number>();
  for (let n = 0; n < rows; n++)
    ends.set(String(n).padStart(6, '0'), hasEnded(n) ? 0 : Number.MAX_SAFE_INTEGER);
  const looks: number[] = [];
  const reader = {
    read: async (sql: string, [cursor]: string[]) => {
      const most = Number(/LIMIT (\d+)$/.exec(sql)?.[1]);
      looks.push(most);
      const after = [...ends].filter(([id]) => id > (cursor as string)).slice(0, most);
      return after.map(([id, ends_at]) => ({ id, ends_at, family_ends_at: null }));
    },
  };
  const writer = {
    write: async ({ statements: [{ values }] }: { statements: [{ values: string[] }] }) => {
      expect(values.length).toBeLessThanOrEqual(200);
      for (const id of values) ends.delete(id);
      return true;
    },
  };
  const sweeper = new SessionSweeper(
    writer as unknown as DurableWriter,
    reader as unknown as RowReader,
    { removalMilliseconds: () => (isInDoubt ? undefined : Date.now()) } as AgreedClock,
    { failed: vi.fn(), succeeded: vi.fn() } as unknown as Outage,
  );
  return { ends, looks, sweeper };
}

describe('The sweep of ended sessions', () => {
  it.each([
    ['all', 3000, () => true],
    ['every third', 3000, (n: number) => n % 3 === 0],
    ['those behind many that go on', 5000, (n: number) => n >= 4000],
    ['those between', 5000, (n: number) => n >= 1500 && n < 2600],
    ['exactly a step', 200, () => true],
  ])('removes %s, and leaves the others', async (_, rows, hasEnded) => {
    const { ends, sweeper } = aTable(rows, hasEnded);
    sweeper.onApplicationBootstrap();
    await vi.advanceTimersByTimeAsync(60_000);
    await sweeper.onApplicationShutdown();
    const left = Array.from({ length: rows }, (_, n) => n).filter((n) => !hasEnded(n));
    expect([...ends.keys()].map(Number)).toEqual(left);
  });

  it('removes nothing while the clock is in doubt (fault F6)', async () => {
    const { ends, sweeper } = aTable(300, () => true, true);
    sweeper.onApplicationBootstrap();
    await vi.advanceTimersByTimeAsync(60_000);
    await sweeper.onApplicationShutdown();
    expect(ends.size).toBe(300);
  });

  it('searches further where none has ended', async () => {
    const { looks, sweeper } = aTable(2500, () => false);
    sweeper.onApplicationBootstrap();
    await vi.advanceTimersByTimeAsync(5000);
    await sweeper.onApplicationShutdown();
    expect(looks).toEqual([200, 1000, 1000, 1000, 200]);
  });
});

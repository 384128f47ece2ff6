import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import type { AgreedClock } from '../../crypto/agreed-clock.js';
import type { DurableWriter, Write } from '../../database/durable-writer.js';
import type { Outage } from '../../database/outage.js';
import type { RowReader } from '../../database/row-reader.js';
import { TemporarilyUnavailable } from '../../protocol/unavailable.js';
import { UsedAssertionSweeper } from './used-assertion-sweeper.js';
import { UsedAssertions } from './used-assertions.js';

const writing = (write: (write: Write) => Promise<boolean>) => ({ write }) as unknown as DurableWriter;

/** Recording reads nothing. */
const NO_READER = {} as RowReader;

describe('UsedAssertions', () => {
  it('takes one when its row is written, and asks the database for it no more', async () => {
    const write = vi.fn(async () => true);
    const used = new UsedAssertions(writing(write), NO_READER);
    expect(await used.record('c', 'j', 1000)).toBe(true);
    expect(await used.record('c', 'j', 2000)).toBe(false);
    expect(write).toHaveBeenCalledTimes(1);
    expect(await used.record('cj', '', 1000)).toBe(true);
  });

  it('refuses one whose row is there', async () => {
    const duplicate = Object.assign(new Error(), { code: 'ER_DUP_ENTRY' });
    expect(
      await new UsedAssertions(
        writing(() => Promise.reject(duplicate)),
        NO_READER,
      ).record('c', 'j', 1000),
    ).toBe(false);
  });

  it('takes none while the database is away, and forgets that it was asked', async () => {
    const write = vi.fn().mockRejectedValueOnce(new TemporarilyUnavailable()).mockResolvedValue(true);
    const used = new UsedAssertions(writing(write), NO_READER);
    await expect(used.record('c', 'j', 1000)).rejects.toBeInstanceOf(TemporarilyUnavailable);
    expect(await used.record('c', 'j', 1000)).toBe(true);
  });
});

describe('UsedAssertionSweeper', () => {
  it('removes what has expired in the order of the key, nothing else, and nothing while the clock is in doubt (L08, ASVS 14.2.7, fault F6)', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const rows = Array.from({ length: 450 }, (_, index) => ({
      id: `id-${String(index).padStart(3, '0')}`,
      expires_at: index % 2 === 0 ? 1 : Date.now() + 60_000,
    }));
    const removed: unknown[] = [];
    let isInDoubt = true;
    const reader = {
      read: async (_sql: string, [cursor]: [string]) => rows.filter(({ id }) => id > cursor).slice(0, 200),
    } as unknown as RowReader;
    const writer = writing(async (write) => {
      if ('statements' in write) removed.push(...(write.statements[0]?.values ?? []));
      return true;
    });
    const outage = { succeeded: () => undefined } as unknown as Outage;
    const clock = { removalMilliseconds: () => (isInDoubt ? undefined : Date.now()) } as AgreedClock;
    const sweeper = new UsedAssertionSweeper(writer, reader, clock, outage);
    sweeper.onApplicationBootstrap();
    await vi.advanceTimersByTimeAsync(5000);
    expect(removed).toEqual([]);
    isInDoubt = false;
    for (let step = 0; step < 3; step++) await vi.advanceTimersByTimeAsync(1000 * (step === 0 ? 1 : 0.02));
    await sweeper.onApplicationShutdown();
    vi.useRealTimers();
    await sleep(0);
    expect(removed).toEqual(rows.filter(({ expires_at }) => expires_at === 1).map(({ id }) => id));
  });
});

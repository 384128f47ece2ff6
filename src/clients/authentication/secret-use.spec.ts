import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { DurableWriter, Statement } from '../../database/durable-writer.js';
import type { Outage } from '../../database/outage.js';
import { SecretUse } from './secret-use.js';

const PAUSE = 10_000;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function aUse() {
  const written: Statement[] = [];
  let wait = Promise.resolve();
  const writer = {
    write: async ({ statements: [statement] }: { statements: Statement[] }) => {
      await wait;
      written.push(statement as Statement);
      return true;
    },
  };
  const uses = new SecretUse(
    writer as unknown as DurableWriter,
    { failed: vi.fn(), succeeded: vi.fn() } as unknown as Outage,
  );
  uses.onApplicationBootstrap();
  const hold = (until: Promise<void>) => {
    wait = until;
  };
  return { uses, written, hold };
}

describe('The last use of secrets', () => {
  it('is written a few secrets at a time, each once', async () => {
    const { uses, written } = aUse();
    for (let n = 0; n < 100; n++) uses.note(`secret ${n}`);
    await vi.advanceTimersByTimeAsync(PAUSE + 100);
    expect(written.map(({ sql }) => sql.split('WHEN').length >> 1)).toEqual([32, 32, 32, 4]);
    expect(new Set(written.flatMap(({ values }) => values)).size).toBe(101);
  });

  it('is not written again before the pause, however often a secret is used', async () => {
    const { uses, written } = aUse();
    uses.note('a');
    await vi.advanceTimersByTimeAsync(PAUSE);
    uses.note('a');
    await vi.advanceTimersByTimeAsync(PAUSE - 1);
    expect(written).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(2);
    expect(written).toHaveLength(2);
  });

  it('is known until it is written, and what is left is written at the end', async () => {
    const { uses, written, hold } = aUse();
    let release = () => {};
    hold(new Promise((resolve) => (release = resolve)));
    uses.note('a');
    await vi.advanceTimersByTimeAsync(PAUSE);
    expect(uses.lastUse('a')).toBeDefined();
    uses.note('b');
    release();
    await uses.beforeApplicationShutdown();
    expect(written.map(({ values }) => values[0])).toEqual(['a', 'b']);
    expect(uses.lastUse('a')).toBeUndefined();
  });
});

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { DurableWriter, Statement } from '../../database/durable-writer.js';
import type { DatabaseEngine } from '../../database/engine/engine.js';
import type { Outage } from '../../database/outage.js';
import { SQLITE_SCHEMA } from '../../database/sqlite/sqlite-schema.js';
import { CredentialUse } from './credential-use.js';

const PAUSE = 10_000;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function aUse() {
  const written: Statement[] = [];
  let wait = Promise.resolve();
  const writer = {
    write: async ({ statements: [statement] }: { statements: Statement[] }) => {
      await wait;
      if (statement?.sql.startsWith('UPDATE')) written.push(statement);
      return true;
    },
  };
  const uses = new CredentialUse(
    writer as unknown as DurableWriter,
    { schema: SQLITE_SCHEMA } as DatabaseEngine,
    { failed: vi.fn(), succeeded: vi.fn() } as unknown as Outage,
  );
  uses.onApplicationBootstrap();
  const hold = (until: Promise<void>) => {
    wait = until;
  };
  const note = (secretId: string, address = '192.0.2.1', userAgent?: string) =>
    uses.noteSecret('c', secretId, () => ({ address, network: address, userAgent }));
  return { uses, written, hold, note };
}

describe('The last use of credentials', () => {
  it('is written a few credentials at a time, each once', async () => {
    const { written, note } = aUse();
    for (let n = 0; n < 100; n++) note(`secret ${n}`);
    await vi.advanceTimersByTimeAsync(PAUSE + 100);
    const ids = written.map(
      ({ values }) => new Set(values.filter((value) => /^secret /.test(String(value)))),
    );
    expect(ids.map(({ size }) => size)).toEqual([32, 32, 32, 4]);
    expect(new Set(ids.flatMap((some) => [...some])).size).toBe(100);
  });

  it('is not written again before the pause, however often a secret is used', async () => {
    const { written, note } = aUse();
    note('a');
    await vi.advanceTimersByTimeAsync(PAUSE);
    note('a');
    await vi.advanceTimersByTimeAsync(PAUSE - 1);
    expect(written).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(2);
    expect(written).toHaveLength(2);
  });

  it('is reported before it is written, and written at shutdown at the latest', async () => {
    const { uses, written, hold, note } = aUse();
    let release = () => {};
    hold(new Promise((resolve) => (release = resolve)));
    note('a');
    await vi.advanceTimersByTimeAsync(PAUSE);
    expect(uses.lastUsesOf('c')).toHaveLength(1);
    note('b');
    release();
    await uses.beforeApplicationShutdown();
    expect(written.map(({ values }) => values[0])).toEqual(['a', 'b']);
    expect(uses.lastUsesOf('c')).toEqual([]);
  });

  it('has the origin of that time, to the second, with a short user agent and no credential', async () => {
    const { uses, note } = aUse();
    const lastUse = () => uses.lastUsesOf('c')[0];
    note('a', '192.0.2.1', `curl/8 \u0007ü${'x'.repeat(300)}`);
    expect(lastUse()).toMatchObject({ address: '192.0.2.1', userAgent: `curl/8 ??${'x'.repeat(191)}` });
    await vi.advanceTimersByTimeAsync(1000);
    note('a', '192.0.2.2', `lks_${'s'.repeat(40)}`);
    expect(lastUse()).toMatchObject({ address: '192.0.2.2', userAgent: 'lks_...', usedAt: Date.now() });
  });

  it('is not recorded of more credentials than fit into memory', () => {
    const { uses, note } = aUse();
    for (let n = 0; n < 100_001; n++) note(`secret ${n}`);
    expect(uses.lastUsesOf('c')).toHaveLength(100_000);
    note('secret 0', '192.0.2.3');
    expect(uses.lastUsesOf('c')).toHaveLength(100_000);
  });
});

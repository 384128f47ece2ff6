import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AgreedClock } from '../crypto/agreed-clock.js';
import type { DurableWriter, Statements } from '../database/durable-writer.js';
import type { Outage } from '../database/outage.js';
import { openSqlite, type SqliteConnection } from '../database/sqlite/sqlite.js';
import { SqliteReader } from '../database/sqlite/sqlite-reader.js';
import type { ExpiredRowsSweeper } from './expired-rows-sweeper.js';
import { WORKLOAD_IDS } from './federation/workload.js';
import { WorkloadUseSweeper } from './federation/workload-use-sweeper.js';
import { UsedAssertionSweeper } from './private-key-jwt/replay/used-assertion-sweeper.js';
import { ScopeUseSweeper } from './scope-use/scope-use-sweeper.js';

const NOW = Date.UTC(2026, 0, 10);
const DAY = 24 * 3600 * 1000;

let folder: string;
let connection: SqliteConnection;
let reader: SqliteReader;
let now: number | undefined;
/** How many rows each DELETE named. */
let steps: number[];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  folder = mkdtempSync(join(tmpdir(), 'latchkey-sweeper-'));
  const file = join(folder, 'rows.sqlite');
  connection = openSqlite(file);
  connection.exec(`CREATE TABLE used_assertion (id PRIMARY KEY, expires_at);
    CREATE TABLE token_quota_use (client_id PRIMARY KEY, day_start);
    CREATE TABLE scope_use (id PRIMARY KEY, last_used_at)`);
  reader = new SqliteReader(file);
  now = NOW;
  steps = [];
});

afterEach(async () => {
  vi.useRealTimers();
  connection.close();
  await reader.close();
  rmSync(folder, { recursive: true });
});

type Sweeper = new (...args: ConstructorParameters<typeof UsedAssertionSweeper>) => ExpiredRowsSweeper;

async function sweep(SweeperOf: Sweeper, milliseconds: number): Promise<void> {
  const writer = {
    write: async ({ statements }: Statements) => {
      for (const { sql, values } of statements) connection.prepare(sql).run([...values]);
      steps.push(statements[0]?.values.length ?? 0);
      return true;
    },
  } as unknown as DurableWriter;
  const clock = { removalMilliseconds: () => now } as AgreedClock;
  const outage = { failed: vi.fn(), succeeded: vi.fn() };
  const sweeper = new SweeperOf(writer, reader, clock, outage as unknown as Outage);
  sweeper.onApplicationBootstrap();
  await vi.advanceTimersByTimeAsync(milliseconds);
  await sweeper.onApplicationShutdown();
  expect(outage.failed).not.toHaveBeenCalled();
}

const left = (table: string): unknown[] =>
  connection.prepare(`SELECT * FROM ${table} ORDER BY 1`).raw().all([]) as unknown[];

function insert(table: string, rows: readonly (readonly [string, number])[]): void {
  const statement = connection.prepare(`INSERT INTO ${table} VALUES (?, ?)`);
  connection.exec('BEGIN');
  for (const row of rows) statement.run([...row]);
  connection.exec('COMMIT');
}

const assertions = (count: number, expiresAt: (place: number) => number) =>
  Array.from({ length: count }, (_, place): [string, number] => [
    `id-${String(place).padStart(4, '0')}`,
    expiresAt(place),
  ]);

describe('The sweeper of used assertions', () => {
  it('deletes the expired ones in small steps, however many others are between them (L08, ASVS 14.2.7)', async () => {
    const rows = assertions(900, (place) => (place % 2 === 0 ? NOW : NOW + 1));
    insert('used_assertion', rows);
    await sweep(UsedAssertionSweeper, 5000);
    expect(left('used_assertion')).toEqual(rows.filter(([, expiresAt]) => expiresAt > NOW));
    expect(steps).toEqual([100, 100, 100, 100, 50]);
  });

  it('begins again after the last row', async () => {
    insert('used_assertion', [['b', NOW + 1000]]);
    await sweep(UsedAssertionSweeper, 1500);
    insert('used_assertion', [['a', NOW]]);
    await sweep(UsedAssertionSweeper, 1500);
    expect(left('used_assertion')).toEqual([['b', NOW + 1000]]);
  });

  it('deletes nothing while the clock is in doubt (fault F6)', async () => {
    const rows = assertions(10, () => 1);
    insert('used_assertion', rows);
    now = undefined;
    await sweep(UsedAssertionSweeper, 5000);
    expect(left('used_assertion')).toEqual(rows);
  });
});

describe('The sweeper of the counts of workloads', () => {
  it('deletes those whose last day has passed, and neither new counts nor those of clients (L08, ASVS 14.2.7)', async () => {
    const [over, current, fresh] = ['a', 'b', 'c'].map((end) => `${WORKLOAD_IDS.from}${end}`) as [
      string,
      string,
      string,
    ];
    const kept: [string, number][] = [
      ['0-client', NOW - 9 * DAY],
      [current, NOW - DAY],
      [fresh, 0],
      ['z-client', NOW - 9 * DAY],
    ];
    insert('token_quota_use', [...kept, [over, NOW - 2 * DAY]]);
    await sweep(WorkloadUseSweeper, 61_000);
    expect(left('token_quota_use')).toEqual(kept.toSorted());
    expect(steps).toEqual([1]);
  });
});

describe('The sweeper of the uses of scope items', () => {
  it('deletes those of more than 90 days ago, and none that is not counted yet', async () => {
    const kept: [string, number][] = [
      ['fresh', 0],
      ['recent', NOW - 90 * DAY + 1],
    ];
    insert('scope_use', [...kept, ['old', NOW - 90 * DAY]]);
    await sweep(ScopeUseSweeper, 61_000);
    expect(left('scope_use')).toEqual(kept);
    expect(steps).toEqual([1]);
  });
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSqlite, type SqliteConnection } from '../../database/sqlite/sqlite.js';
import { SqliteReader } from '../../database/sqlite/sqlite-reader.js';
import { IssuanceScan } from './issuance-scan.js';

const COLUMNS =
  'id, client_id, type, door, token_format, audience, started_at, ends_at, scope, federated, address, user_agent';
const MADE_AT_ONCE = 100_000;

let folder: string;
let connection: SqliteConnection;
let reader: SqliteReader;
let stopping: AbortController;

beforeEach(() => {
  stopping = new AbortController();
  folder = mkdtempSync(join(tmpdir(), 'latchkey-scan-'));
  const file = join(folder, 'sessions.sqlite');
  connection = openSqlite(file);
  connection.exec(`CREATE TABLE session (${COLUMNS}); CREATE UNIQUE INDEX by_id ON session (id)`);
  connection.exec(`CREATE TABLE audit_scan (id, session_id); INSERT INTO audit_scan VALUES (1, '')`);
  reader = new SqliteReader(file);
});

afterEach(async () => {
  connection.close();
  await reader.close();
  rmSync(folder, { recursive: true });
});

const idOf = (number: number) => String(MADE_AT_ONCE + number);

interface Detail {
  grants: { sessions: { id: string }[] }[];
}

/** Sessions of clients that take turns. */
function issue(count: number, clients: number, scope = ''): void {
  connection.exec(`
    WITH RECURSIVE n (at) AS (SELECT 0 UNION ALL SELECT at + 1 FROM n WHERE at + 1 < ${count})
    INSERT INTO session (id, client_id, scope, audience, started_at, ends_at)
      SELECT CAST(${MADE_AT_ONCE} + at AS text), 'c' || (at % ${clients}), '${scope}', '[]', 0, 1 FROM n`);
}

const gathered = async () => {
  const { issuances, after, full } = await new IssuanceScan(reader, stopping.signal).gather(':');
  const grants = issuances.entries(false).flatMap(({ detail }) => (detail as unknown as Detail).grants);
  const reported = grants.map(({ sessions }) => sessions.map(({ id }) => id));
  // Clients take turns: each has its own in order, and together they are all up to the last.
  for (const some of reported) expect(some).toEqual(some.toSorted());
  const all = reported.flat().sort();
  expect(issuances.last).toBe(all.at(-1));
  return { ids: all, after, full };
};

const ids = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => idOf(from + at));

describe('The scan of what was issued', () => {
  it('gathers what one read does not hold, in order, so that sessions of a client are reported together', async () => {
    issue(1200, 300);
    expect(await gathered()).toEqual({ ids: ids(0, 1200), after: '', full: false });
  });

  it.each([
    ['sessions of few clients', 10, '', 250],
    ['sessions of some clients', 50, '', 1250],
    ['sessions', 500, '', 5000],
    ['clients', 10_000, '', 2000],
    ['long scopes', 500, 'x'.repeat(4096), 500],
  ])('ends where there are very many %s, and goes on from its mark', async (_what, clients, scope, held) => {
    issue(6000, clients, scope);
    expect(await gathered()).toEqual({ ids: ids(0, held), after: '', full: true });
    const { sql, values } = new IssuanceScan(reader, stopping.signal).moveTo(idOf(held - 1));
    connection.prepare(sql).run([...values]);
    const next = await gathered();
    expect(next.after).toBe(idOf(held - 1));
    expect(next.ids[0]).toBe(idOf(held));
  });

  it('ends with what there is when the server stops', async () => {
    issue(6000, 500);
    const gathering = gathered();
    setTimeout(() => stopping.abort(), 50);
    const { ids: some, full } = await gathering;
    expect(full).toBe(true);
    expect(some.length).toBeGreaterThan(0);
    expect(some.length).toBeLessThan(5000);
    expect(some).toEqual(ids(0, some.length));
  });

  it('answers nothing where nothing was issued since', async () => {
    expect(await gathered()).toEqual({ ids: [], after: '', full: false });
  });
});

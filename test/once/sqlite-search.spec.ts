import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const built = (file: string) => import(new URL(`../../dist/src/database/${file}`, import.meta.url).href);
const { openSqlite } = (await built(
  'sqlite/sqlite.js',
)) as typeof import('../../src/database/sqlite/sqlite.js');
const { SqliteSearch } = (await built(
  'sqlite/sqlite-search.js',
)) as typeof import('../../src/database/sqlite/sqlite-search.js');

/** Enough on a busy machine. */
const MAX_MILLISECONDS = 60_000;

let folder: string;
let file: string;
let search: InstanceType<typeof SqliteSearch>;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-search-'));
  file = join(folder, 'a.sqlite');
  const connection = openSqlite(file);
  connection.exec('CREATE TABLE t (n integer)');
  connection.exec('INSERT INTO t VALUES (1), (2)');
  connection.close();
  search = new SqliteSearch(file, MAX_MILLISECONDS);
});

afterEach(async () => {
  await search.close();
  rmSync(folder, { recursive: true });
});

const LONG = `WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 3000000)
  SELECT COUNT(*) AS counted FROM c`;

const ENDLESS = LONG.replace('3000000', '3000000000');

describe('SQLite search', () => {
  it('answers queries in order', async () => {
    const asked = [1, 2, 3].map((n) =>
      search.run({ sql: 'SELECT n FROM t WHERE n = ? LIMIT ?', values: [n, 5] }),
    );
    expect(await Promise.all(asked)).toEqual([[{ n: 1 }], [{ n: 2 }], []]);
  });

  it('does not block the event loop', async () => {
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    await search.run({ sql: LONG, values: [] });
    clearInterval(timer);
    expect(turns).toBeGreaterThan(10);
  });

  it('reports an error and continues', async () => {
    await expect(search.run({ sql: 'SELECT nowhere(', values: [] })).rejects.toThrow('syntax error');
    expect(await search.run({ sql: 'SELECT COUNT(*) AS found FROM t', values: [] })).toEqual([{ found: 2 }]);
  });

  it('interrupts a statement that takes too long, and continues', async () => {
    const impatient = new SqliteSearch(file, 200);
    const slow = impatient.run({ sql: ENDLESS, values: [] });
    const next = impatient.run({ sql: 'SELECT COUNT(*) AS found FROM t', values: [] });
    await expect(slow).rejects.toThrow('the search took too long: restrict it by an indexed parameter');
    expect(await next).toEqual([{ found: 2 }]);
    await impatient.close();
  });

  it('starts again after it was closed', async () => {
    await search.run({ sql: 'SELECT 1', values: [] });
    void search.close();
    expect(await search.run({ sql: 'SELECT COUNT(*) AS found FROM t', values: [] })).toEqual([{ found: 2 }]);
  });
});

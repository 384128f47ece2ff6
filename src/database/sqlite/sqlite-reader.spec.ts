import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSqlite } from './sqlite.js';
import { SqliteReader } from './sqlite-reader.js';

const LOOKUP = { select: 'SELECT id, word FROM t', by: 't.id' };

let folder: string;
let reader: SqliteReader;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-rows-'));
  const file = join(folder, 'rows.sqlite');
  const connection = openSqlite(file);
  connection.exec('CREATE TABLE t (id TEXT PRIMARY KEY, word TEXT)');
  for (const id of ['a', 'b', 'c', 'd']) {
    connection.prepare('INSERT INTO t VALUES (?, ?)').run(id, `word of ${id}`);
  }
  connection.close();
  reader = new SqliteReader(file);
});

afterAll(async () => {
  await reader.close();
  rmSync(folder, { recursive: true });
});

const found = (keys: readonly string[]) => Promise.all(keys.map((key) => reader.find(LOOKUP, key)));

describe('SqliteReader', () => {
  it.each([
    ['one', ['b']],
    ['a few', ['b', 'x', 'a']],
    ['many', ['d', 'x', 'a', 'b', 'a', 'A', 'c', 'y', 'b']],
    ['more than one query takes', Array.from({ length: 200 }, (_, index) => 'abcdxyz'.charAt(index % 7))],
  ])('returns to each of %s concurrent lookups its own row', async (_what, keys) => {
    const known = ['a', 'b', 'c', 'd'];
    expect(await found(keys)).toEqual(
      keys.map((key) => (known.includes(key) ? [key, `word of ${key}`] : undefined)),
    );
  });

  it('returns all rows of each concurrent lookup, and rows without a key to all', async () => {
    const lookup = {
      sql: (places: string) =>
        `SELECT id, word FROM t WHERE id IN (${places}) UNION ALL SELECT NULL, word FROM t WHERE id = 'd'`,
    };
    const ofAll = [null, 'word of d'];
    expect(await Promise.all(['a', 'x', 'b'].map((key) => reader.findAll(lookup, key)))).toEqual([
      [['a', 'word of a'], ofAll],
      [ofAll],
      [['b', 'word of b'], ofAll],
    ]);
  });

  it('returns rows by name from the same statement', async () => {
    await found(['a']);
    expect(await reader.read('SELECT id, word FROM t WHERE t.id = ?', ['a'])).toEqual([
      { id: 'a', word: 'word of a' },
    ]);
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasDisks, SmallDisk } from '../support/small-disk.js';

const built = (file: string) => import(new URL(`../../dist/src/database/${file}`, import.meta.url).href);
const { openSqlite } = (await built(
  'sqlite/sqlite.js',
)) as typeof import('../../src/database/sqlite/sqlite.js');
const { SqliteReader } = (await built(
  'sqlite/sqlite-reader.js',
)) as typeof import('../../src/database/sqlite/sqlite-reader.js');

const LOOKUP = { select: 'SELECT id, word FROM t', by: 't.id' };

describe('A reader of SQLite on a disk that fails', { skip: !hasDisks }, () => {
  let disk: SmallDisk;
  let reader: InstanceType<typeof SqliteReader>;

  beforeAll(() => {
    disk = SmallDisk.make(16);
    const file = `${disk.path}/a.sqlite`;
    const connection = openSqlite(file);
    connection.exec('CREATE TABLE t (id TEXT PRIMARY KEY, word TEXT)');
    connection.exec("INSERT INTO t VALUES ('a', 'word of a')");
    reader = new SqliteReader(file);
    connection.close();
  });
  afterAll(async () => {
    await reader?.close();
    disk?.remove();
  });

  it('calls no row unknown', async () => {
    expect(await reader.find(LOOKUP, 'x')).toBeUndefined();
    disk.cutPower();
    await expect(reader.find(LOOKUP, 'x')).rejects.toThrow('temporarily unavailable');
    await expect(Promise.all(['x', 'y', 'z', 'w'].map((key) => reader.find(LOOKUP, key)))).rejects.toThrow(
      'temporarily unavailable',
    );
  });
});

import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TABLES } from '../../src/database/schema/tables.js';
import { createDatabase, dropDatabase, engine } from '../support/database.js';
import { launch } from '../support/launch.js';
import { freePort } from '../support/port.js';
import { openRows, type Rows } from '../support/rows.js';
import { startServer } from '../support/server.js';

const LISTS: Readonly<Record<string, string>> = {
  sqlite: `SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'sqlite_sequence'`,
  mysql: 'SELECT table_name AS name FROM information_schema.tables WHERE table_schema = database()',
  postgres: 'SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema()',
};

const tablesOf = async (rows: Rows): Promise<string[]> =>
  (await rows.all(LISTS[engine] as string)).map(({ name }) => String(name)).sort();

describe('Database with a table of another program', { timeout: 60_000 }, () => {
  let dataDir: string;
  let databaseUrl: string | undefined;

  beforeEach(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'latchkey-foreign-'));
    if (engine !== 'sqlite') databaseUrl = await createDatabase();
  });
  afterEach(async () => {
    if (databaseUrl) await dropDatabase(databaseUrl);
    rmSync(dataDir, { recursive: true, force: true });
  });

  it.each(['client', 'session', 'audit_event'])(
    'stops the start with one line that names the table %s, and creates nothing (fault F1)',
    async (table) => {
      const rows = await openRows({ databaseUrl, dataDir });
      await rows.all(`CREATE TABLE ${table} (id INTEGER PRIMARY KEY, surname VARCHAR(20))`);
      await rows.all(`INSERT INTO ${table} VALUES (1, 'Doe')`);
      const started = launch({
        PORT: String(await freePort()),
        LATCHKEY_DATA_DIR: dataDir,
        LATCHKEY_MASTER_KEY: randomBytes(32).toString('base64'),
        ...(databaseUrl ? { DATABASE_URL: databaseUrl } : {}),
      });
      expect((await started.exited).code).toBe(1);
      const setting = databaseUrl ? 'DATABASE_URL' : 'LATCHKEY_DATA_DIR';
      expect(started.stderr()).toBe(
        `Latchkey cannot start: ${setting}: the database has a table ${table} that is not Latchkey's; use a database of its own\n`,
      );
      expect(started.stdout()).toBe('');
      expect(await rows.all(`SELECT * FROM ${table}`)).toEqual([{ id: 1, surname: 'Doe' }]);
      expect(await tablesOf(rows)).toEqual([table]);
      await rows.close();
    },
  );
});

describe('Migrated database', { timeout: 60_000 }, () => {
  it('has the tables that are looked for before the first migration, and no others (fault F1)', async () => {
    const server = await startServer();
    try {
      const rows = await openRows(server);
      expect(await tablesOf(rows)).toEqual([...TABLES.map(({ name }) => name), 'migration'].sort());
      await rows.close();
    } finally {
      await server.stop();
    }
  });
});

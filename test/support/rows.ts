import { createRequire } from 'node:module';
import { join } from 'node:path';
import { connectTo } from './connection.js';
import { CURRENT_SCHEMA } from './schema-sql.js';
import type { TestServer } from './server.js';

type Row = Record<string, unknown>;

/** A connection to a test server's database, beside the server. */
export interface Rows {
  all(sql: string, values?: unknown[]): Promise<Row[]>;
  close(): Promise<void>;
}

const Sqlite = createRequire(import.meta.url)('libsql');

export async function openRows({
  databaseUrl,
  dataDir,
}: Pick<TestServer, 'databaseUrl' | 'dataDir'>): Promise<Rows> {
  if (databaseUrl) return connectTo(databaseUrl);
  const connection = new Sqlite(join(dataDir, 'latchkey.sqlite'), { timeout: 5000 });
  return {
    all: async (sql, values = []) => {
      const statement = connection.prepare(sql);
      if (/^\s*(select|pragma)/i.test(sql)) return statement.all(...values);
      statement.run(...values);
      return [];
    },
    close: async () => connection.close(),
  };
}

/** The text of every row of every table, by table. */
export async function dump(
  server: Pick<TestServer, 'databaseUrl' | 'dataDir'>,
): Promise<Map<string, string>> {
  const rows = await openRows(server);
  try {
    const list = server.databaseUrl
      ? `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = ${CURRENT_SCHEMA}`
      : "SELECT name FROM sqlite_master WHERE type = 'table'";
    const tables = (await rows.all(list)).map(({ name }) => String(name));
    const texts = new Map<string, string>();
    for (const table of tables) texts.set(table, JSON.stringify(await rows.all(`SELECT * FROM ${table}`)));
    return texts;
  } finally {
    await rows.close();
  }
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'libsql';
import { withConnection } from './connection.js';
import { CURRENT_SCHEMA } from './schema-sql.js';
import type { TestServer } from './server.js';

type Row = Record<string, unknown>;
type Ask = (sql: string) => Promise<Row[]>;

const TABLES = `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = ${CURRENT_SCHEMA}`;

async function ofSqlite<T>(file: string, use: (ask: Ask) => Promise<T>): Promise<T> {
  const database = new Database(file);
  try {
    return await use(async (sql) => database.prepare(sql).all() as Row[]);
  } finally {
    database.close();
  }
}

async function tablesOf(ask: Ask, listing: string): Promise<Map<string, Row[]>> {
  const names = (await ask(listing)).map((row) => String(Object.values(row)[0]));
  const tables = new Map<string, Row[]>();
  for (const name of names) tables.set(name, await ask(`SELECT * FROM ${name}`));
  return tables;
}

const sqliteFile = ({ dataDir }: TestServer) => join(dataDir, 'latchkey.sqlite');

/** Every row of every table of a running server. */
export function dump(server: TestServer): Promise<Map<string, Row[]>> {
  return server.databaseUrl
    ? withConnection(server.databaseUrl, ({ all }) => tablesOf(all, TABLES))
    : ofSqlite(sqliteFile(server), (ask) =>
        tablesOf(ask, "SELECT name FROM sqlite_master WHERE type = 'table'"),
      );
}

/** The bytes of what stands in the database, values of columns as well as files where there are any. */
export async function storedText(server: TestServer): Promise<string> {
  const rows = [...(await dump(server)).values()].flat().flatMap((row) => Object.values(row));
  const values = rows.map((value) => (Buffer.isBuffer(value) ? value.toString('latin1') : String(value)));
  const files = server.databaseUrl ? [] : [sqliteFile(server), `${sqliteFile(server)}-wal`];
  return [...values, ...files.map((file) => readFileSync(file, 'latin1'))].join('\n');
}

import { join } from 'node:path';
import Database from 'libsql';
import mysql from 'mysql2/promise';
import type { TestServer } from './server.js';

/** Runs a statement on a server's database, past the server; answers the rows of a SELECT. */
export async function runSql(server: TestServer, sql: string): Promise<Record<string, unknown>[]> {
  if (server.databaseUrl === undefined) {
    const database = new Database(join(server.dataDir, 'latchkey.sqlite'), { timeout: 5000 });
    try {
      const statement = database.prepare(sql);
      if (statement.reader) return statement.all() as Record<string, unknown>[];
      statement.run();
      return [];
    } finally {
      database.close();
    }
  }
  const connection = await mysql.createConnection({ uri: server.databaseUrl });
  const [rows] = await connection.query(sql);
  await connection.end();
  return Array.isArray(rows) ? (rows as Record<string, unknown>[]) : [];
}

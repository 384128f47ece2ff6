import { join } from 'node:path';
import Database from 'libsql';
import { withConnection } from './connection.js';
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
  return withConnection(server.databaseUrl, (connection) => connection.all(sql));
}

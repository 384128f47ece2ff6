import { createRequire } from 'node:module';
import { join } from 'node:path';
import { withConnection } from './connection.js';
import type { TestServer } from './server.js';

type Value = string | number | null;

/** Runs SQL directly in a server's database, bypassing the server. */
export async function query(server: TestServer, sql: string, values: Value[] = []): Promise<any[]> {
  if (server.databaseUrl) {
    return withConnection(server.databaseUrl, (connection) => connection.all(sql, values));
  }
  const Database = createRequire(import.meta.url)('libsql');
  const connection = new Database(join(server.dataDir, 'latchkey.sqlite'), { timeout: 5000 });
  try {
    const statement = connection.prepare(sql);
    return /^\s*select/i.test(sql) ? statement.all(...values) : [statement.run(...values)];
  } finally {
    connection.close();
  }
}

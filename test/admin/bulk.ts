import { join } from 'node:path';
import Database from 'libsql';
import mysql from 'mysql2/promise';
import { engine, type TestServer } from '../support/server.js';

const DIGITS = Array.from({ length: 10 }, (_, digit) => `SELECT ${digit} AS d`).join(' UNION ALL ');
const NUMBER = 'a.d * 1000 + b.d * 100 + c.d * 10 + e.d';
const ID = engine === 'mysql' ? `CONCAT('bulk-', 10000 + ${NUMBER})` : `'bulk-' || (10000 + ${NUMBER})`;

/** 10,000 resources `bulk-10000` to `bulk-19999`, written past the server: by requests they would take minutes. */
export async function insertTenThousandResources(server: TestServer): Promise<void> {
  const sql = `INSERT INTO resource
    (id, version, created_at, updated_at, name, name_folded, operations, introspection_clients, token)
    SELECT ${ID}, 1, 1, 1, 'Bulk', 'bulk', '[]', '[]', '{}'
    FROM (${DIGITS}) a, (${DIGITS}) b, (${DIGITS}) c, (${DIGITS}) e`;
  if (server.databaseUrl === undefined) {
    const database = new Database(join(server.dataDir, 'latchkey.sqlite'));
    database.exec(sql);
    database.close();
    return;
  }
  const connection = await mysql.createConnection({ uri: server.databaseUrl });
  await connection.query(sql);
  await connection.end();
}

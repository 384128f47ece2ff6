import { randomBytes } from 'node:crypto';
import mysql from 'mysql2/promise';

export const engine: 'sqlite' | 'mysql' = process.env.LATCHKEY_TEST_ENGINE === 'mysql' ? 'mysql' : 'sqlite';

function adminUrl(): string {
  const url = process.env.TEST_DATABASE_URL;
  if (!url) throw new Error('LATCHKEY_TEST_ENGINE=mysql needs TEST_DATABASE_URL, the address of a server.');
  return url;
}

async function asAdmin(statement: string): Promise<void> {
  const connection = await mysql.createConnection({ uri: adminUrl() });
  try {
    await connection.query(statement);
  } finally {
    await connection.end();
  }
}

/** A new empty database on the test server; answers its `DATABASE_URL`. */
export async function createDatabase(): Promise<string> {
  const url = new URL(adminUrl());
  const name = `latchkey_${randomBytes(8).toString('hex')}`;
  await asAdmin(`CREATE DATABASE \`${name}\` CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`);
  url.pathname = `/${name}`;
  return url.href;
}

export async function dropDatabase(databaseUrl: string): Promise<void> {
  await asAdmin(`DROP DATABASE IF EXISTS \`${new URL(databaseUrl).pathname.slice(1)}\``);
}

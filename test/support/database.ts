import { randomBytes } from 'node:crypto';
import { withConnection } from './connection.js';

const ENGINES = ['sqlite', 'mysql', 'postgres'] as const;

export const engine = ENGINES.find((one) => one === process.env.LATCHKEY_TEST_ENGINE) ?? 'sqlite';

/** Whether the database is a server, which several processes can share. */
export const onServer = engine !== 'sqlite';

function adminUrl(): string {
  const url = process.env.TEST_DATABASE_URL;
  if (!url)
    throw new Error(`LATCHKEY_TEST_ENGINE=${engine} needs TEST_DATABASE_URL, the address of a server.`);
  return url;
}

const asAdmin = (statement: string) => withConnection(adminUrl(), (connection) => connection.all(statement));

/** The statement that creates a database with this name. */
export const creationOf = (name: string): string =>
  engine === 'postgres'
    ? `CREATE DATABASE "${name}"`
    : `CREATE DATABASE \`${name}\` CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`;

/** Creates a database on the test server: empty, or on PostgreSQL a copy of `template`. Returns its `DATABASE_URL`. */
export async function createDatabase(template?: string): Promise<string> {
  const url = new URL(adminUrl());
  const name = `latchkey_${randomBytes(8).toString('hex')}`;
  await asAdmin(`${creationOf(name)}${template ? ` TEMPLATE "${new URL(template).pathname.slice(1)}"` : ''}`);
  url.pathname = `/${name}`;
  return url.href;
}

export async function dropDatabase(databaseUrl: string): Promise<void> {
  const name = new URL(databaseUrl).pathname.slice(1);
  // Connections of a process that was just killed.
  const force = engine === 'postgres' ? ' WITH (FORCE)' : '';
  await asAdmin(`DROP DATABASE IF EXISTS \`${name}\`${force}`);
}

import { randomBytes } from 'node:crypto';
import mysql from 'mysql2/promise';
import { findServer, startServer } from '../scripts/mariadb.mjs';

/** A MariaDB or MySQL of our own; nothing where none is installed. `create` answers the address of a new database. */
export async function startDatabase() {
  const program = findServer();
  if (!program) {
    console.error('No MySQL-compatible server was found: only SQLite is measured.');
    return undefined;
  }
  const server = await startServer(program, new AbortController().signal);
  return {
    stop: server.stop,
    url: server.url,
    create: async () => {
      const name = `bench_${randomBytes(4).toString('hex')}`;
      const connection = await mysql.createConnection({ uri: server.url });
      await connection.query(`CREATE DATABASE ${name} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`);
      await connection.end();
      return `${server.url}/${name}`;
    },
  };
}

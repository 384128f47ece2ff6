import { randomBytes } from 'node:crypto';
import mysql from 'mysql2/promise';
import { findServer, startServer } from '../scripts/mariadb.mjs';
import { Failure, interrupted } from './program.mjs';

const NONE = 'No MySQL-compatible server was found';

/** The server program of MariaDB or MySQL; undefined if none is installed, unless it was requested by name. */
export function findDatabase(asked) {
  const program = findServer();
  if (!program && asked) throw new Failure(`${NONE}.`);
  if (!program) console.error(`${NONE}: only SQLite is measured.`);
  return program;
}

/** A scratch MariaDB or MySQL server. `create` returns the address of a new database. */
export async function startDatabase(program) {
  interrupted.throwIfAborted();
  const server = await startServer(program, interrupted).catch((error) => {
    throw new Failure(error.message.split('\n', 1)[0]);
  });
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

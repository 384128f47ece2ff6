import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import mysql from 'mysql2/promise';
import pg from 'pg';
import * as mariadb from '../scripts/mariadb.mjs';
import * as postgres from '../scripts/postgres.mjs';
import { Failure, interrupted } from './program.mjs';

async function createInMysql(url, name) {
  const connection = await mysql.createConnection({ uri: url });
  await connection.query(`CREATE DATABASE ${name} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`);
  await connection.end();
}

async function createInPostgres(url, name) {
  const client = new pg.Client({ connectionString: `${url}/postgres` });
  await client.connect();
  await client.query(`CREATE DATABASE ${name}`);
  await client.end();
}

/** The database servers that can be measured, by the name that the benchmarks give them. */
const KINDS = {
  mariadb: { title: 'MySQL-compatible', ...mariadb, create: createInMysql },
  postgres: { title: 'PostgreSQL', ...postgres, create: createInPostgres },
};

/** The server program of this kind; undefined if none is installed, unless it was requested by name. */
export function findDatabase(asked, kind = 'mariadb') {
  const program = KINDS[kind].findServer();
  const none = `No ${KINDS[kind].title} server was found`;
  if (!program && asked) throw new Failure(`${none}.`);
  if (!program) console.error(`${none}: it is not measured.`);
  return program;
}

/** A scratch server of this kind. `create` returns the address of a new database. */
export async function startDatabase(program, kind = 'mariadb') {
  interrupted.throwIfAborted();
  const { startServer, create } = KINDS[kind];
  // On the same disk, whichever it is.
  const server = await startServer(program, interrupted, tmpdir()).catch((error) => {
    throw new Failure(error.message.split('\n', 1)[0]);
  });
  return {
    stop: server.stop,
    url: server.url,
    create: async () => {
      const name = `bench_${randomBytes(4).toString('hex')}`;
      await create(server.url, name);
      return `${server.url}/${name}`;
    },
  };
}

import { createHash } from 'node:crypto';
import { accessSync, closeSync, constants, existsSync, openSync } from 'node:fs';
import path from 'node:path';
import { createConnection } from 'mysql2/promise';
import type { DatabaseSettings, MysqlSettings } from '../config/settings.js';
import { mysqlOptions } from './mysql/mysql.js';
import { sqliteDriver } from './sqlite/sqlite.js';

const MAX_WAIT_SECONDS = 60;
const MAX_QUERY_MS = (MAX_WAIT_SECONDS + 5) * 1000;

/**
 * Runs `work` in one process at a time, so that several processes may start on one empty database.
 * The lock goes with its connection: a process that dies holding it holds it no longer.
 */
export async function withStartLock<T>(database: DatabaseSettings, work: () => Promise<T>): Promise<T> {
  return database.engine === 'mysql' ? lockInMysql(database, work) : lockInFile(database.file, work);
}

async function lockInMysql<T>(settings: MysqlSettings, work: () => Promise<T>): Promise<T> {
  const connection = await createConnection(mysqlOptions(settings));
  try {
    // A lock's name holds for the whole server and has 64 characters at most: the database's name is hashed into it.
    const name = `latchkey-start-${createHash('sha256').update(`/${settings.database}`).digest('hex').slice(0, 32)}`;
    const [rows] = await connection.query({
      sql: 'SELECT GET_LOCK(?, ?) AS held',
      values: [name, MAX_WAIT_SECONDS],
      timeout: MAX_QUERY_MS,
    });
    if (Number((rows as { held: unknown }[])[0]?.held) !== 1) {
      throw new Error(`another process has been migrating this database for ${MAX_WAIT_SECONDS} seconds`);
    }
    const result = await work();
    await connection.end();
    return result;
  } catch (error) {
    // A server that no longer answers would not take leave.
    connection.destroy();
    throw error;
  }
}

/** A file beside the database is locked, not the database: a migration opens the latter by itself. */
async function lockInFile<T>(file: string, work: () => Promise<T>): Promise<T> {
  const lock = `${file}.start-lock`;
  accessSync(path.dirname(file), constants.R_OK | constants.W_OK | constants.X_OK);
  for (const name of [file, lock]) refuseUnwritable(name);
  const connection = new sqliteDriver(lock, { timeout: MAX_WAIT_SECONDS * 1000 });
  try {
    connection.exec('BEGIN EXCLUSIVE');
    return await work();
  } finally {
    connection.close();
  }
}

/** The driver says only that a file cannot be opened; the system says why. To be asked before this process has it open. */
function refuseUnwritable(name: string): void {
  if (existsSync(name)) closeSync(openSync(name, 'r+'));
}

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
 * Runs `work` in one process at a time, so that several processes may start on one empty database. The lock belongs
 * to its connection, so it ends with a process that dies.
 */
export async function withStartLock<T>(database: DatabaseSettings, work: () => Promise<T>): Promise<T> {
  return database.engine === 'mysql' ? lockInMysql(database, work) : lockInFile(database.file, work);
}

async function lockInMysql<T>(settings: MysqlSettings, work: () => Promise<T>): Promise<T> {
  const connection = await createConnection(mysqlOptions(settings));
  try {
    // Lock names are global to the server and limited to 64 characters, so the database's name is hashed.
    const name = `latchkey-start-${createHash('sha256').update(`/${settings.database}`).digest('hex').slice(0, 32)}`;
    const [rows] = await connection.query({
      sql: 'SELECT GET_LOCK(?, ?) AS held',
      values: [name, MAX_WAIT_SECONDS],
      timeout: MAX_QUERY_MS,
    });
    if (Number((rows as { held: unknown }[])[0]?.held) !== 1) {
      throw new Error(
        `another process has held the migration lock of this database for ${MAX_WAIT_SECONDS} seconds`,
      );
    }
    const result = await work();
    await connection.end();
    return result;
  } catch (error) {
    // A server that no longer answers would not complete a clean disconnect.
    connection.destroy();
    throw error;
  }
}

/** Locks a file next to the database instead of the database, which the migration opens itself. */
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

/**
 * The driver reports only that a file cannot be opened; the system reports why. Call it before this process opens the
 * file.
 */
function refuseUnwritable(name: string): void {
  if (existsSync(name)) closeSync(openSync(name, 'r+'));
}

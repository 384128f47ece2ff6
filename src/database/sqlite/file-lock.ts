import { accessSync, closeSync, constants, existsSync, openSync } from 'node:fs';
import path from 'node:path';
import { MAX_START_LOCK_SECONDS } from '../engine/start-lock.js';
import { sqliteDriver } from './sqlite.js';

/** Locks a file next to the database instead of the database, which the migration opens itself. */
export async function withFileLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  const lock = `${file}.start-lock`;
  accessSync(path.dirname(file), constants.R_OK | constants.W_OK | constants.X_OK);
  for (const name of [file, lock]) refuseUnwritable(name);
  const connection = new sqliteDriver(lock, { timeout: MAX_START_LOCK_SECONDS * 1000 });
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

import { accessSync, closeSync, constants, existsSync, openSync } from 'node:fs';
import path from 'node:path';
import { MAX_START_LOCK_SECONDS } from '../engine/start-lock.js';
import { UnusableDatabase } from '../unusable-database.js';
import { sqliteDriver } from './sqlite.js';

/** Locks a file next to the database instead of the database, which the migration opens itself. */
export async function withFileLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  const lock = `${file}.start-lock`;
  for (const name of [file, lock]) refuseUnwritable(name);
  create(lock);
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
export function refuseUnwritable(name: string): void {
  accessSync(path.dirname(name), constants.R_OK | constants.W_OK | constants.X_OK);
  if (existsSync(name)) closeSync(openSync(name, 'r+'));
}

/** A file system of the system's own, such as /proc, answers ENOENT in a folder that exists. */
function create(name: string): void {
  try {
    closeSync(openSync(name, 'a'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new UnusableDatabase(
      `${path.dirname(name)}: no file can be created in this directory; use another`,
    );
  }
}

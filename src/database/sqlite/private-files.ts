import { chmodSync, existsSync, statSync } from 'node:fs';

const OF_OTHERS = 0o077;
const PRIVATE_FILE = 0o600;
/** The files that SQLite and the start lock keep next to a database. */
const BESIDE_DATABASE = ['', '-wal', '-shm', '-journal', '.start-lock'];

/** Makes new files accessible to the process's user only, whatever the umask. */
export function createFilesPrivately(): void {
  process.umask(OF_OTHERS);
}

/** Does the same for the existing files of a SQLite database. */
export function makeDatabasePrivate(file: string): void {
  for (const suffix of BESIDE_DATABASE) makePrivate(file + suffix);
}

/** A file of another owner is left unchanged; the server logs a warning. A directory would be closed to its owner. */
export function makePrivate(file: string): void {
  if (!isOpenToOthers(file) || !statSync(file).isFile()) return;
  try {
    chmodSync(file, PRIVATE_FILE);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EPERM' && code !== 'EROFS' && code !== 'ENOENT') throw error;
  }
}

export const isOpenToOthers = (file: string): boolean =>
  process.platform !== 'win32' && existsSync(file) && (statSync(file).mode & OF_OTHERS) !== 0;

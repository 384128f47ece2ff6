import { closeSync, lstatSync, openSync, readSync, statSync } from 'node:fs';
import { foreignTable, UnusableDatabase } from '../unusable-database.js';
import { refuseUnwritable } from './file-lock.js';
import { SQLITE_BUSY_TIMEOUT_MILLISECONDS, type SqliteConnection, sqliteDriver } from './sqlite.js';

/** The first bytes of every SQLite database that is not empty. */
const HEADER = 'SQLite format 3\0';

const TABLES = `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'`;

/** An error where there are tables, but not `migration`: the first statement of the migrations creates it alone. */
const ASSERT_OWN_TABLES = `SELECT json('{') WHERE EXISTS (${TABLES})
  AND NOT EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'migration')`;

/**
 * Throws unless the file is absent, empty or a database of this server. Call it before anything creates, locks or
 * changes a file: another application's file keeps its content and its mode.
 */
export function assertOwnFile(file: string): void {
  const found = lstatSync(file, { throwIfNoEntry: false });
  if (!found) return;
  const target = statSync(file, { throwIfNoEntry: false });
  if (!target) throw new UnusableDatabase(`${file}: is a symbolic link to a file that does not exist`);
  if (!target.isFile()) {
    throw new UnusableDatabase(
      `${file}: is ${target.isDirectory() ? 'a directory' : 'not a regular file'}; it must be the path of a file`,
    );
  }
  if (target.size === 0) return;
  if (!hasHeader(file)) throw new UnusableDatabase(`${file}: not an SQLite database; use another path`);
  refuseUnwritable(file);
  assertOwnTables(file);
}

function hasHeader(file: string): boolean {
  const bytes = Buffer.alloc(HEADER.length);
  const descriptor = openSync(file, 'r');
  try {
    readSync(descriptor, bytes, 0, bytes.length, 0);
  } finally {
    closeSync(descriptor);
  }
  return bytes.toString('latin1') === HEADER;
}

/**
 * Uses `exec`: after a prepared statement the driver keeps the file open, and locked in WAL mode, until the statement is
 * collected.
 */
function assertOwnTables(file: string): void {
  const connection: SqliteConnection = new sqliteDriver(file, { timeout: SQLITE_BUSY_TIMEOUT_MILLISECONDS });
  try {
    connection.exec(ASSERT_OWN_TABLES);
  } catch (error) {
    if (!(error instanceof Error && error.message.includes('malformed JSON'))) throw error;
    throw foreignTable(String(connection.prepare(TABLES).all()[0]?.name));
  } finally {
    connection.close();
  }
}

import { createRequire } from 'node:module';

/** The part of libsql's connection (better-sqlite3's interface) that the server uses. */
export interface SqliteConnection {
  prepare(sql: string): SqliteStatement;
  exec(sql: string): void;
  pragma(text: string): unknown;
  close(): void;
}

export interface SqliteStatement {
  get(...values: unknown[]): Record<string, unknown> | undefined;
  run(...values: unknown[]): { changes: number };
  all(...values: unknown[]): Record<string, unknown>[];
}

type SqliteDriver = new (file: string, options?: { timeout?: number }) => SqliteConnection;

/** Prebuilt for every platform through npm, so nothing is compiled at installation; it is CommonJS. */
export const sqliteDriver = createRequire(import.meta.url)('libsql') as SqliteDriver;

/** How long a writer waits for another one before SQLITE_BUSY. */
export const SQLITE_BUSY_TIMEOUT_MILLISECONDS = 5000;

/** WAL with a flush at every commit: an answer of 200 means that the row survives a power cut. */
export function tuneSqlite(connection: SqliteConnection): void {
  connection.pragma(`busy_timeout = ${SQLITE_BUSY_TIMEOUT_MILLISECONDS}`);
  connection.pragma('journal_mode = WAL');
  connection.pragma('synchronous = FULL');
  connection.pragma('wal_autocheckpoint = 10000');
}

export function openSqlite(file: string): SqliteConnection {
  const connection = new sqliteDriver(file, { timeout: SQLITE_BUSY_TIMEOUT_MILLISECONDS });
  tuneSqlite(connection);
  return connection;
}

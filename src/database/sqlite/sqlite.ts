import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { moved } from './sqlite-file.js';

/** The part of libsql's connection (better-sqlite3's interface) that the server uses. */
export interface SqliteConnection {
  prepare(sql: string): SqliteStatement;
  exec(sql: string): void;
  pragma(text: string): unknown;
  close(): void;
  /** Must not be asked once the connection is closed: the driver would end the process. */
  readonly inTransaction: boolean;
}

export interface SqliteStatement {
  /** Rows as lists of values from now on. */
  raw(): SqliteStatement;
  get(...values: unknown[]): unknown;
  run(...values: unknown[]): { changes: number };
  all(...values: unknown[]): Record<string, unknown>[];
}

/** Statements by their text, each prepared once: for a few texts that come again and again. */
export class SqliteStatements {
  private readonly prepared = new Map<string, SqliteStatement>();

  constructor(private readonly prepare: (sql: string) => SqliteStatement) {}

  of(sql: string): SqliteStatement {
    let statement = this.prepared.get(sql);
    if (!statement) {
      statement = this.prepare(sql);
      this.prepared.set(sql, statement);
    }
    return statement;
  }
}

type SqliteDriver = new (file: string, options?: { timeout?: number }) => SqliteConnection;

/** Prebuilt for every platform through npm, so nothing is compiled at installation; it is CommonJS. */
export const sqliteDriver = createRequire(import.meta.url)('libsql') as SqliteDriver;

/** How long a migration waits for another writer before SQLITE_BUSY. */
export const SQLITE_BUSY_TIMEOUT_MILLISECONDS = 5000;

/** How long a request waits for another process' lock, in all; its caller has an answer within three seconds. */
export const MAX_LOCK_WAIT_MS = 2000;

/**
 * SQLite's own waiting looks for the lock less and less often, up to a tenth of a second apart, and stops the thread
 * meanwhile: where several processes write without a pause, some would hardly ever find it free. Whoever can try again
 * by himself shortens it.
 */
export function waitAtMost(connection: SqliteConnection, milliseconds: number): void {
  connection.pragma(`busy_timeout = ${milliseconds}`);
}

/**
 * TypeORM prepares BEGIN, and begins as a reader. libsql leaves a prepared statement that found the database taken in
 * progress, and nothing can be committed beside it: so the lock is taken with BEGIN, by what leaves nothing behind.
 */
export function beginAsWriter(connection: SqliteConnection): void {
  const prepare = connection.prepare.bind(connection);
  const begin: SqliteStatement = {
    raw: () => begin,
    run: () => {
      connection.exec('BEGIN IMMEDIATE');
      return { changes: 0 };
    },
    get: () => undefined,
    all: () => [],
  };
  connection.prepare = (sql) => (sql === 'BEGIN TRANSACTION' ? begin : prepare(sql));
}

/** WAL with a flush at every commit: an answer of 200 means that the row survives a power cut. */
export function tuneSqlite(
  connection: SqliteConnection,
  waitMilliseconds = SQLITE_BUSY_TIMEOUT_MILLISECONDS,
): void {
  waitAtMost(connection, waitMilliseconds);
  connection.pragma('journal_mode = WAL');
  connection.pragma('synchronous = FULL');
  connection.pragma('wal_autocheckpoint = 10000');
}

/** SQLite would create an empty database in the place of one that has gone. */
export function reopenSqlite(file: string, waitMilliseconds?: number): SqliteConnection {
  if (!existsSync(file)) throw moved();
  return openSqlite(file, waitMilliseconds);
}

export function openSqlite(file: string, waitMilliseconds?: number): SqliteConnection {
  const connection = new sqliteDriver(file, { timeout: SQLITE_BUSY_TIMEOUT_MILLISECONDS });
  tuneSqlite(connection, waitMilliseconds);
  return connection;
}

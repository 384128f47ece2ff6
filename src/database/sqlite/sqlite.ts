import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { moved } from './sqlite-file.js';

/** The part of libsql's connection (better-sqlite3's interface) that the server uses. */
export interface SqliteConnection {
  prepare(sql: string): SqliteStatement;
  exec(sql: string): void;
  pragma(text: string): unknown;
  close(): void;
  /** Must not be read after the connection is closed: the driver would abort the process. */
  readonly inTransaction: boolean;
}

export interface SqliteStatement {
  /** Returns rows as lists of values from now on. */
  raw(): SqliteStatement;
  get(...values: unknown[]): unknown;
  run(...values: unknown[]): { changes: number };
  all(...values: unknown[]): Record<string, unknown>[];
}

/** Prepared statements by their text, for a few texts that recur. */
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

/** Prebuilt for every platform on npm, so installation compiles nothing; a CommonJS module. */
export const sqliteDriver = createRequire(import.meta.url)('libsql') as SqliteDriver;

/** How long a migration waits for another writer before SQLITE_BUSY. */
export const SQLITE_BUSY_TIMEOUT_MILLISECONDS = 5000;

/**
 * SQLite's own busy handler backs off to a tenth of a second and blocks the thread meanwhile: if several processes
 * write continuously, some would rarely find the lock free. Callers that can retry use a shorter wait.
 */
export function waitAtMost(connection: SqliteConnection, milliseconds: number): void {
  connection.pragma(`busy_timeout = ${milliseconds}`);
}

/**
 * TypeORM prepares BEGIN and starts as a reader. libsql leaves a prepared statement that found the database locked in
 * progress, and nothing can commit beside it. So the lock is taken with an unprepared BEGIN.
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

/** The part of libsql's asynchronous connection that searches use. */
export interface SqliteSearchConnection {
  prepare(sql: string): Promise<{ all(...values: unknown[]): Promise<Record<string, unknown>[]> }>;
  /** Ends the running statement with SQLITE_INTERRUPT. */
  interrupt(): void;
  close(): void;
}

type SqliteSearchDriver = new (file: string, options?: { timeout?: number }) => SqliteSearchConnection;

/** WAL with a flush at every commit: a row that was confirmed with 200 survives a power cut. */
export function tuneSqlite(
  connection: SqliteConnection,
  waitMilliseconds = SQLITE_BUSY_TIMEOUT_MILLISECONDS,
): void {
  waitAtMost(connection, waitMilliseconds);
  connection.pragma('journal_mode = WAL');
  connection.pragma('synchronous = FULL');
  connection.pragma('wal_autocheckpoint = 10000');
}

/** SQLite would create an empty database in place of a missing one. */
export function reopenSqlite(file: string, waitMilliseconds?: number): SqliteConnection {
  if (!existsSync(file)) throw moved();
  try {
    return openSqlite(file, waitMilliseconds);
  } catch (error) {
    throw cannotOpen(error);
  }
}

/** Evaluates statements in a thread of the driver, so that they can be interrupted. Only for a file that is in use. */
export function openSqliteSearch(file: string): SqliteSearchConnection {
  if (!existsSync(file)) throw moved();
  try {
    const driver = createRequire(import.meta.url)('libsql/promise') as SqliteSearchDriver;
    return new driver(file, { timeout: SQLITE_BUSY_TIMEOUT_MILLISECONDS });
  } catch (error) {
    throw cannotOpen(error);
  }
}

/** The driver gives no code to an error of the file system that keeps it from opening a file. */
export function cannotOpen(error: unknown): unknown {
  const { code } = error as { code?: unknown };
  return code ? error : Object.assign(error as Error, { code: 'SQLITE_CANTOPEN' });
}

export function openSqlite(file: string, waitMilliseconds?: number): SqliteConnection {
  const connection = new sqliteDriver(file, { timeout: SQLITE_BUSY_TIMEOUT_MILLISECONDS });
  tuneSqlite(connection, waitMilliseconds);
  return connection;
}

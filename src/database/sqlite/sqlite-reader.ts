import { closeSync, openSync } from 'node:fs';
import { TemporarilyUnavailable } from '../../protocol/unavailable.js';
import { type BatchFn, type Lookup, loadInOneQuery, type Row, type Values } from '../batch-loader.js';
import type { SqlValue } from '../durable-writer.js';
import { RowReader } from '../row-reader.js';
import { asStorageError, isStorageError } from '../storage-error.js';
import { reopenSqlite, type SqliteConnection, SqliteStatements, waitAtMost } from './sqlite.js';

const MIN_KEYS_PER_QUERY = 4;
/** How long a reader waits while another process recovers the write-ahead log; nothing else runs meanwhile. */
const MAX_READ_WAIT_MS = 100;
/** libsql frees the memory of a closed connection at the next garbage collection. */
const MIN_BETWEEN_OPENINGS_MS = 1000;

interface Opened {
  connection: SqliteConnection;
  prepared: SqliteStatements;
  /** Statements that return rows as lists of values. */
  preparedRaw: SqliteStatements;
}

/** A separate connection, so that it never sees uncommitted changes of an administrator's transaction. */
export class SqliteReader extends RowReader {
  private opened: Opened | undefined;
  private openedAt = 0;
  /** Why it is closed. */
  private failure: unknown = new TemporarilyUnavailable();

  constructor(private readonly file: string) {
    super();
    this.opened = this.open();
  }

  async read(sql: string, values: readonly SqlValue[]): Promise<Row[]> {
    return this.attempt(({ prepared }) => prepared.of(sql).all(values));
  }

  async readValues(sql: string, values: readonly SqlValue[]): Promise<Values[]> {
    return this.attempt(({ preparedRaw }) => preparedRaw.of(sql).all(values) as unknown as Values[]);
  }

  async close(): Promise<void> {
    this.opened?.connection.close();
    this.opened = undefined;
  }

  /** A lookup by key is cheaper than dispatching it to a thread; several are cheaper as one query. */
  protected batchFnOf(lookup: Lookup): BatchFn<Values | undefined> {
    const alone = `${lookup.select} WHERE ${lookup.by} = ?`;
    const inOneQuery = loadInOneQuery(lookup, (sql, keys) => this.readValues(sql, keys));
    const together: BatchFn<Values | undefined> = async (keys) => this.readable(await inOneQuery(keys));
    return (keys) => {
      if (keys.length >= MIN_KEYS_PER_QUERY) return together(keys);
      const rows = this.attempt(({ preparedRaw }) => {
        const statement = preparedRaw.of(alone);
        return keys.map((key) => statement.get(key) as Values | undefined);
      });
      return this.readable(rows);
    };
  }

  /**
   * A file system that has failed may lose the pages of SQLite's index of the write-ahead log, which is never flushed.
   * Reads then find the rows of the last checkpoint, without an error, and a new token is unknown. But no file can be
   * opened there. Not the database: closing it would release the locks of this process.
   */
  private readable<T>(rows: readonly (T | undefined)[]): readonly (T | undefined)[] {
    if (rows.includes(undefined)) this.attempt(() => closeSync(openSync(`${this.file}-wal`, 'r')));
    return rows;
  }

  /**
   * After a storage error the connection is never used again: cached pages can be wrong, and a statement that has failed
   * may keep reading an old snapshot, in which a new token is unknown.
   */
  private attempt<T>(read: (opened: Opened) => T): T {
    if (!this.opened && performance.now() - this.openedAt < MIN_BETWEEN_OPENINGS_MS) throw this.failure;
    try {
      this.opened ??= this.open();
      return read(this.opened);
    } catch (cause) {
      const error = asStorageError(cause);
      if (isStorageError(cause)) {
        this.failure = error;
        this.opened?.connection.close();
        this.opened = undefined;
      }
      throw error;
    }
  }

  private open(): Opened {
    // At the start nothing else runs, and another process may be recovering the write-ahead log.
    const connection = reopenSqlite(this.file, this.openedAt === 0 ? undefined : MAX_READ_WAIT_MS);
    this.openedAt = performance.now();
    waitAtMost(connection, MAX_READ_WAIT_MS);
    const prepared = new SqliteStatements((sql) => connection.prepare(sql));
    const preparedRaw = new SqliteStatements((sql) => connection.prepare(sql).raw());
    return { connection, prepared, preparedRaw };
  }
}

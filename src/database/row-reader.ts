import type { Pool, QueryOptions } from 'mysql2/promise';
import type { MysqlSettings } from '../config/settings.js';
import { ConcurrencyLimiter } from '../runtime/concurrency-limiter.js';
import {
  type BatchFn,
  BatchLoader,
  type Lookup,
  loadAllInOneQuery,
  loadInOneQuery,
  type Row,
  type RowsLookup,
  type Values,
} from './batch-loader.js';
import type { SqlValue } from './durable-writer.js';
import { openMysqlPool } from './mysql/mysql.js';
import type { MysqlHeartbeat } from './mysql/mysql-heartbeat.js';
import { reopenSqlite, type SqliteConnection, SqliteStatements, waitAtMost } from './sqlite/sqlite.js';
import { asStorageError, isStorageError } from './storage-error.js';

export type { Lookup, Row, RowsLookup, Values } from './batch-loader.js';

/** Reads committed rows with raw SQL, without TypeORM, for the hot paths. */
export abstract class RowReader {
  private readonly queues = new Map<Lookup, BatchLoader<Values | undefined>>();
  private readonly allQueues = new Map<RowsLookup, BatchLoader<readonly Values[]>>();

  abstract read(sql: string, values: readonly SqlValue[]): Promise<Row[]>;

  /** One row by its key. The query starts after this call, so it sees everything committed before. */
  find(lookup: Lookup, key: string): Promise<Values | undefined> {
    let queue = this.queues.get(lookup);
    if (!queue) {
      queue = new BatchLoader(this.batchFnOf(lookup));
      this.queues.set(lookup, queue);
    }
    return queue.find(key);
  }

  /** All rows of a key that is not unique; the query starts after this call. */
  findAll(lookup: RowsLookup, key: string): Promise<readonly Values[]> {
    let queue = this.allQueues.get(lookup);
    if (!queue) {
      queue = new BatchLoader(loadAllInOneQuery(lookup, (sql, keys) => this.readValues(sql, keys)));
      this.allQueues.set(lookup, queue);
    }
    return queue.find(key);
  }

  abstract close(): Promise<void>;

  protected abstract batchFnOf(lookup: Lookup): BatchFn<Values | undefined>;

  protected abstract readValues(sql: string, values: readonly SqlValue[]): Promise<Values[]>;
}

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

  constructor(private readonly file: string) {
    super();
    this.opened = this.open();
  }

  async read(sql: string, values: readonly SqlValue[]): Promise<Row[]> {
    return this.attempt(({ prepared }) => prepared.of(sql).all(values));
  }

  async close(): Promise<void> {
    this.opened?.connection.close();
    this.opened = undefined;
  }

  /** A lookup by key is cheaper than dispatching it to a thread; several are cheaper as one query. */
  protected batchFnOf(lookup: Lookup): BatchFn<Values | undefined> {
    const alone = `${lookup.select} WHERE ${lookup.by} = ?`;
    const together = loadInOneQuery(lookup, (sql, keys) => this.readValues(sql, keys));
    return (keys) => {
      if (keys.length >= MIN_KEYS_PER_QUERY) return together(keys);
      return this.attempt(({ preparedRaw }) => {
        const statement = preparedRaw.of(alone);
        return keys.map((key) => statement.get(key) as Values | undefined);
      });
    };
  }

  protected async readValues(sql: string, values: readonly SqlValue[]): Promise<Values[]> {
    return this.attempt(({ preparedRaw }) => preparedRaw.of(sql).all(values) as unknown as Values[]);
  }

  /** Cached pages can be wrong after the file was unavailable, so a storage error reopens the connection. */
  private attempt<T>(read: (opened: Opened) => T): T {
    try {
      this.opened ??= this.open();
      return read(this.opened);
    } catch (error) {
      if (isStorageError(error) && performance.now() - this.openedAt > MIN_BETWEEN_OPENINGS_MS) {
        this.opened?.connection.close();
        this.opened = undefined;
      }
      throw asStorageError(error);
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

const CONNECTIONS = 4;
const POOL = { connections: CONNECTIONS, watching: { statementMs: 1500 } };
/** Together with the statement timeout, less than three seconds. */
const MAX_WAIT_MS = 1000;

/** Concurrent lookups share a query. */
export class MysqlReader extends RowReader {
  private readonly pool: Pool;
  private readonly limiter = new ConcurrencyLimiter(CONNECTIONS, { maxWaitMs: MAX_WAIT_MS });

  constructor(
    settings: MysqlSettings,
    private readonly heartbeat?: MysqlHeartbeat,
  ) {
    super();
    this.pool = openMysqlPool(settings, POOL, heartbeat?.connections);
  }

  async read(sql: string, values: readonly SqlValue[]): Promise<Row[]> {
    return (await this.execute({ sql, values: [...values] })) as Row[];
  }

  async close(): Promise<void> {
    await this.pool.end();
  }

  protected batchFnOf(lookup: Lookup): BatchFn<Values | undefined> {
    return loadInOneQuery(lookup, (sql, keys) => this.readValues(sql, keys));
  }

  protected async readValues(sql: string, values: readonly SqlValue[]): Promise<Values[]> {
    return (await this.execute({ sql, values: [...values], rowsAsArray: true })) as Values[];
  }

  private async execute(options: QueryOptions): Promise<unknown> {
    this.heartbeat?.assertReachable();
    try {
      const [rows] = await this.limiter.run(() => this.pool.execute(options));
      return rows;
    } catch (error) {
      throw this.heartbeat ? this.heartbeat.storageError(error) : asStorageError(error);
    }
  }
}

import type { Pool } from 'mysql2/promise';
import type { SqlValue } from './durable-writer.js';
import { type Lookup, LookupQueue, type Row } from './lookup-queue.js';
import { openMysqlPool } from './mysql.js';
import { openSqlite, type SqliteConnection, type SqliteStatement } from './sqlite.js';
import { asStorageError } from './storage-error.js';

export type { Lookup, Row } from './lookup-queue.js';

/** Reads committed rows by the server's own SQL, beside TypeORM: for the paths that run at every token. */
export abstract class RowReader {
  abstract read(sql: string, values: readonly SqlValue[]): Promise<Row[]>;

  /** One row by its key. The look begins after this is called, so that it sees whatever was committed before. */
  abstract find(lookup: Lookup, key: string): Promise<Row | undefined>;

  abstract close(): Promise<void>;
}

/** A connection of its own, so that it never sees what a transaction of the administrator has not committed. */
export class SqliteReader extends RowReader {
  private readonly connection: SqliteConnection;
  private readonly prepared = new Map<string, SqliteStatement>();

  constructor(file: string) {
    super();
    this.connection = openSqlite(file);
  }

  async read(sql: string, values: readonly SqlValue[]): Promise<Row[]> {
    try {
      return this.prepare(sql).all(...values);
    } catch (error) {
      throw asStorageError(error);
    }
  }

  /** A look by key costs less than handing it to a thread. */
  async find({ select, by }: Lookup, key: string): Promise<Row | undefined> {
    try {
      return this.prepare(`${select} WHERE ${by} = ?`).get(key);
    } catch (error) {
      throw asStorageError(error);
    }
  }

  async close(): Promise<void> {
    this.connection.close();
  }

  private prepare(sql: string): SqliteStatement {
    let statement = this.prepared.get(sql);
    if (!statement) {
      statement = this.connection.prepare(sql);
      this.prepared.set(sql, statement);
    }
    return statement;
  }
}

const CONNECTIONS = 4;

/** Looks that come in one turn of the event loop share a query. */
export class MysqlReader extends RowReader {
  private readonly pool: Pool;
  private readonly queues = new Map<Lookup, LookupQueue>();

  constructor(url: string) {
    super();
    this.pool = openMysqlPool(url, CONNECTIONS);
  }

  async read(sql: string, values: readonly SqlValue[]): Promise<Row[]> {
    try {
      const [rows] = await this.pool.execute(sql, [...values]);
      return rows as Row[];
    } catch (error) {
      throw asStorageError(error);
    }
  }

  find(lookup: Lookup, key: string): Promise<Row | undefined> {
    let queue = this.queues.get(lookup);
    if (!queue) {
      queue = new LookupQueue(lookup, (sql, keys) => this.read(sql, keys));
      this.queues.set(lookup, queue);
    }
    return queue.find(key);
  }

  async close(): Promise<void> {
    await this.pool.end();
  }
}

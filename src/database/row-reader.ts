import type { Pool } from 'mysql2/promise';
import type { SqlValue } from './durable-writer.js';
import {
  type Look,
  type Lookup,
  LookupQueue,
  lookForAllInOneQuery,
  lookInOneQuery,
  type Row,
  type RowsLookup,
  type Values,
} from './lookup-queue.js';
import { openMysqlPool } from './mysql.js';
import type { MysqlPulse } from './mysql-pulse.js';
import { openSqlite, type SqliteConnection, type SqliteStatement } from './sqlite.js';
import { asStorageError } from './storage-error.js';

export type { Lookup, Row, RowsLookup, Values } from './lookup-queue.js';

/** Reads committed rows by the server's own SQL, beside TypeORM: for the paths that run at every token. */
export abstract class RowReader {
  private readonly queues = new Map<Lookup, LookupQueue<Values | undefined>>();

  abstract read(sql: string, values: readonly SqlValue[]): Promise<Row[]>;

  /** One row by its key. The look begins after this is called, so that it sees whatever was committed before. */
  find(lookup: Lookup, key: string): Promise<Values | undefined> {
    let queue = this.queues.get(lookup);
    if (!queue) {
      queue = new LookupQueue(this.lookBy(lookup));
      this.queues.set(lookup, queue);
    }
    return queue.find(key);
  }

  /** Every row of a key that is not unique; the look begins after this is called. */
  abstract findAll(lookup: RowsLookup, key: string): Promise<readonly Row[]>;

  abstract close(): Promise<void>;

  protected abstract lookBy(lookup: Lookup): Look<Values | undefined>;
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

  findAll({ select, by }: RowsLookup, key: string): Promise<readonly Row[]> {
    return this.read(`${select} WHERE ${by} = ?`, [key]);
  }

  async close(): Promise<void> {
    this.connection.close();
  }

  /** A look by key costs less than handing it to a thread. */
  protected lookBy({ select, by }: Lookup): Look<Values | undefined> {
    const statement = this.connection.prepare(`${select} WHERE ${by} = ?`).raw();
    return (keys) => {
      try {
        return keys.map((key) => statement.get(key) as Values | undefined);
      } catch (error) {
        throw asStorageError(error);
      }
    };
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

/** Looks that come together share a query. */
export class MysqlReader extends RowReader {
  private readonly pool: Pool;
  private readonly allQueues = new Map<RowsLookup, LookupQueue<readonly Row[]>>();

  constructor(
    url: string,
    private readonly pulse?: MysqlPulse,
  ) {
    super();
    this.pool = openMysqlPool(url, CONNECTIONS, pulse);
  }

  async read(sql: string, values: readonly SqlValue[]): Promise<Row[]> {
    this.pulse?.expect();
    try {
      const [rows] = await this.pool.execute(sql, [...values]);
      return rows as Row[];
    } catch (error) {
      throw asStorageError(error);
    }
  }

  findAll(lookup: RowsLookup, key: string): Promise<readonly Row[]> {
    let queue = this.allQueues.get(lookup);
    if (!queue) {
      queue = new LookupQueue(lookForAllInOneQuery(lookup, (sql, keys) => this.read(sql, keys)));
      this.allQueues.set(lookup, queue);
    }
    return queue.find(key);
  }

  async close(): Promise<void> {
    await this.pool.end();
  }

  protected lookBy(lookup: Lookup): Look<Values | undefined> {
    return lookInOneQuery(lookup, (sql, keys) => this.readValues(sql, keys));
  }

  private async readValues(sql: string, values: readonly SqlValue[]): Promise<Values[]> {
    try {
      const [rows] = await this.pool.execute({ sql, values: [...values], rowsAsArray: true });
      return rows as unknown as Values[];
    } catch (error) {
      throw asStorageError(error);
    }
  }
}

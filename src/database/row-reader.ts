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
import { openSqlite, type SqliteConnection, SqliteStatements } from './sqlite.js';
import { asStorageError } from './storage-error.js';

export type { Lookup, Row, RowsLookup, Values } from './lookup-queue.js';

/** Reads committed rows by the server's own SQL, beside TypeORM: for the paths that run at every token. */
export abstract class RowReader {
  private readonly queues = new Map<Lookup, LookupQueue<Values | undefined>>();
  private readonly allQueues = new Map<RowsLookup, LookupQueue<readonly Values[]>>();

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
  findAll(lookup: RowsLookup, key: string): Promise<readonly Values[]> {
    let queue = this.allQueues.get(lookup);
    if (!queue) {
      queue = new LookupQueue(lookForAllInOneQuery(lookup, (sql, keys) => this.readValues(sql, keys)));
      this.allQueues.set(lookup, queue);
    }
    return queue.find(key);
  }

  abstract close(): Promise<void>;

  protected abstract lookBy(lookup: Lookup): Look<Values | undefined>;

  protected abstract readValues(sql: string, values: readonly SqlValue[]): Promise<Values[]>;
}

const FEWEST_IN_A_QUERY = 4;

/** A connection of its own, so that it never sees what a transaction of the administrator has not committed. */
export class SqliteReader extends RowReader {
  private readonly connection: SqliteConnection;
  private readonly prepared: SqliteStatements;
  /** Of rows as lists of values. */
  private readonly preparedRaw: SqliteStatements;

  constructor(file: string) {
    super();
    this.connection = openSqlite(file);
    this.prepared = new SqliteStatements((sql) => this.connection.prepare(sql));
    this.preparedRaw = new SqliteStatements((sql) => this.connection.prepare(sql).raw());
  }

  async read(sql: string, values: readonly SqlValue[]): Promise<Row[]> {
    try {
      return this.prepared.of(sql).all(values);
    } catch (error) {
      throw asStorageError(error);
    }
  }

  async close(): Promise<void> {
    this.connection.close();
  }

  /** A look by key costs less than handing it to a thread; where several come together, one query for all costs less. */
  protected lookBy(lookup: Lookup): Look<Values | undefined> {
    const alone = this.preparedRaw.of(`${lookup.select} WHERE ${lookup.by} = ?`);
    const together = lookInOneQuery(lookup, (sql, keys) => this.readValues(sql, keys));
    return (keys) => {
      if (keys.length >= FEWEST_IN_A_QUERY) return together(keys);
      try {
        return keys.map((key) => alone.get(key) as Values | undefined);
      } catch (error) {
        throw asStorageError(error);
      }
    };
  }

  protected async readValues(sql: string, values: readonly SqlValue[]): Promise<Values[]> {
    try {
      return this.preparedRaw.of(sql).all(values) as unknown as Values[];
    } catch (error) {
      throw asStorageError(error);
    }
  }
}

const CONNECTIONS = 4;

/** Looks that come together share a query. */
export class MysqlReader extends RowReader {
  private readonly pool: Pool;

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

  async close(): Promise<void> {
    await this.pool.end();
  }

  protected lookBy(lookup: Lookup): Look<Values | undefined> {
    return lookInOneQuery(lookup, (sql, keys) => this.readValues(sql, keys));
  }

  protected async readValues(sql: string, values: readonly SqlValue[]): Promise<Values[]> {
    this.pulse?.expect();
    try {
      const [rows] = await this.pool.execute({ sql, values: [...values], rowsAsArray: true });
      return rows as unknown as Values[];
    } catch (error) {
      throw asStorageError(error);
    }
  }
}

import type { Pool } from 'mysql2/promise';
import type { SqlValue } from './durable-writer.js';
import { openMysqlPool } from './mysql.js';
import { openSqlite, type SqliteConnection, type SqliteStatement } from './sqlite.js';
import { asStorageError } from './storage-error.js';

export type Row = Record<string, unknown>;

/** Reads committed rows by the server's own SQL, beside TypeORM: for the paths that run at every token. */
export abstract class RowReader {
  abstract read(sql: string, values: readonly SqlValue[]): Promise<Row[]>;
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
      let statement = this.prepared.get(sql);
      if (!statement) {
        statement = this.connection.prepare(sql);
        this.prepared.set(sql, statement);
      }
      return statement.all(...values);
    } catch (error) {
      throw asStorageError(error);
    }
  }

  async close(): Promise<void> {
    this.connection.close();
  }
}

const CONNECTIONS = 4;

export class MysqlReader extends RowReader {
  private readonly pool: Pool;

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

  async close(): Promise<void> {
    await this.pool.end();
  }
}

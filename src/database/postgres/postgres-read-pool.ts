import type { PoolClient } from 'pg';
import type { Row, Values } from '../batch-loader.js';
import type { Statement } from '../durable-writer.js';
import type { ReadPool } from '../server/server-reader.js';
import type { PostgresPool } from './postgres-pool.js';

/** Single statements outside transactions. */
export class PostgresReadPool implements ReadPool {
  constructor(private readonly pool: PostgresPool) {}

  rows({ sql, values }: Statement): Promise<Row[]> {
    return this.use(async (client) => (await client.query(sql, [...values])).rows);
  }

  values({ sql, values }: Statement): Promise<Values[]> {
    return this.use(
      async (client) => (await client.query({ text: sql, values: [...values], rowMode: 'array' })).rows,
    );
  }

  close(): Promise<void> {
    return this.pool.close();
  }

  /** Unlike the pool's own method, it keeps a connection whose statement failed; the pool removes a broken one. */
  private async use<T>(read: (client: PoolClient) => Promise<T>): Promise<T> {
    const client = await this.pool.connect();
    try {
      return await read(client);
    } finally {
      client.release();
    }
  }
}

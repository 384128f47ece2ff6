import type { Pool } from 'mysql2/promise';
import type { Row, Values } from '../batch-loader.js';
import type { Statement } from '../durable-writer.js';
import type { ReadPool } from '../server/server-reader.js';

export class MysqlReadPool implements ReadPool {
  constructor(private readonly pool: Pool) {}

  async rows({ sql, values }: Statement): Promise<Row[]> {
    return (await this.pool.execute({ sql, values: [...values] }))[0] as Row[];
  }

  async values({ sql, values }: Statement): Promise<Values[]> {
    const [rows] = await this.pool.execute({ sql, values: [...values], rowsAsArray: true });
    return rows as unknown as Values[];
  }

  async close(): Promise<void> {
    await this.pool.end();
  }
}

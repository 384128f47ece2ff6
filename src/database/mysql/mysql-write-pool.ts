import type { Pool, PoolConnection, ResultSetHeader } from 'mysql2/promise';
import {
  appendStatement,
  type InsertTarget,
  type Mark,
  type MarkTarget,
  type SqlValue,
  type Statement,
} from '../durable-writer.js';
import { retried } from '../server/retried.js';
import type { WritePool } from '../server/writes/write-pool.js';
import { markTogether } from './mysql-marks.js';
import { inTransaction } from './mysql-transaction.js';

/** Writes to MySQL: one statement commits by itself. */
export class MysqlWritePool implements WritePool {
  constructor(private readonly pool: Pool) {}

  async append(target: InsertTarget, rows: readonly (readonly SqlValue[])[]): Promise<void> {
    await this.execute(appendStatement(target, rows));
  }

  mark(target: MarkTarget, marks: readonly Mark[]): Promise<boolean[]> {
    return markTogether(this.pool, target, marks);
  }

  async apply(statements: readonly Statement[]): Promise<boolean> {
    const [first] = statements;
    if (statements.length === 1 && first) return (await this.execute(first)).affectedRows > 0;
    return inTransaction(this.pool, (connection) => applyAll(connection, statements));
  }

  async close(): Promise<void> {
    await this.pool.end();
  }

  private execute({ sql, values }: Statement): Promise<ResultSetHeader> {
    return retried(async () => (await this.pool.execute<ResultSetHeader>(sql, [...values]))[0]);
  }
}

async function applyAll(connection: PoolConnection, statements: readonly Statement[]): Promise<boolean> {
  for (const [position, { sql, values }] of statements.entries()) {
    const [{ affectedRows }] = await connection.execute<ResultSetHeader>(sql, [...values]);
    if (position === 0 && affectedRows === 0) return false;
  }
  return true;
}

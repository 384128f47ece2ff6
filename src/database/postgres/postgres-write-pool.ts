import {
  appendStatement,
  type InsertTarget,
  type Mark,
  type MarkTarget,
  type SqlValue,
  type Statement,
} from '../durable-writer.js';
import type { WritePool } from '../server/writes/write-pool.js';
import { markTogether } from './postgres-marks.js';
import type { PostgresPool } from './postgres-pool.js';
import { inTransaction } from './postgres-transaction.js';

export class PostgresWritePool implements WritePool {
  constructor(private readonly pool: PostgresPool) {}

  async append(target: InsertTarget, rows: readonly (readonly SqlValue[])[]): Promise<void> {
    await inTransaction(this.pool, [appendStatement(target, rows)]);
  }

  mark(target: MarkTarget, marks: readonly Mark[]): Promise<boolean[]> {
    return markTogether(this.pool, target, marks);
  }

  async apply(statements: readonly Statement[]): Promise<boolean> {
    const [first, ...rest] = statements;
    if (!first) return false;
    if (rest.length > 0) {
      const committed = await inTransaction(this.pool, [first], ([changed]) =>
        (changed?.rowCount ?? 0) > 0 ? rest : undefined,
      );
      return committed !== undefined;
    }
    const [changed] = (await inTransaction(this.pool, [first])) ?? [];
    return (changed?.rowCount ?? 0) > 0;
  }

  close(): Promise<void> {
    return this.pool.close();
  }
}

import {
  COUNT_TABLE,
  type CountWindow,
  type WindowCount,
  type WindowCounts,
} from '../engine/window-counts.js';
import type { PostgresPool } from './postgres-pool.js';
import { inTransaction } from './postgres-transaction.js';

const COUNT_ONE = `INSERT INTO ${COUNT_TABLE} AS c ("key", points, expire) VALUES (?, 1, ?)
  ON CONFLICT ("key") DO UPDATE SET
    points = CASE WHEN c.expire > ? AND c.expire <= ? THEN c.points + 1 ELSE 1 END,
    expire = CASE WHEN c.expire > ? AND c.expire <= ? THEN c.expire ELSE ? END
  RETURNING points, expire`;

export class PostgresWindowCounts implements WindowCounts {
  constructor(private readonly pool: PostgresPool) {}

  async add(key: string, { now, end, last }: CountWindow): Promise<WindowCount> {
    const values = [key, end, now, last, now, last, end];
    const [counted] = (await inTransaction(this.pool, [{ sql: COUNT_ONE, values }])) ?? [];
    return counted?.rows[0] as WindowCount;
  }

  close(): Promise<void> {
    return this.pool.close();
  }
}

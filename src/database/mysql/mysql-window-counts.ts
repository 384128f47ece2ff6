import type { Pool, RowDataPacket } from 'mysql2/promise';
import {
  COUNT_TABLE,
  type CountWindow,
  type WindowCount,
  type WindowCounts,
} from '../engine/window-counts.js';
import { inTransaction } from './mysql-transaction.js';

/** A window that is over, or ends later than any valid one, is replaced. Points come first: MySQL assigns in order. */
const COUNT_ONE = `INSERT INTO ${COUNT_TABLE} (\`key\`, points, expire) VALUES (?, 1, ?) ON DUPLICATE KEY UPDATE
  points = CASE WHEN expire > ? AND expire <= ? THEN points + 1 ELSE 1 END,
  expire = CASE WHEN expire > ? AND expire <= ? THEN expire ELSE ? END`;

const READ_COUNT = `SELECT points, expire FROM ${COUNT_TABLE} WHERE \`key\` = ?`;

export class MysqlWindowCounts implements WindowCounts {
  constructor(private readonly pool: Pool) {}

  async add(key: string, { now, end, last }: CountWindow): Promise<WindowCount> {
    let counted: RowDataPacket[] = [];
    await inTransaction(this.pool, async (connection) => {
      await connection.execute(COUNT_ONE, [key, end, now, last, now, last, end]);
      // The row is locked until the commit, so concurrent transactions each read their own number.
      [counted] = await connection.execute<RowDataPacket[]>(READ_COUNT, [key]);
      return true;
    });
    return { points: Number(counted[0]?.points), expire: Number(counted[0]?.expire) };
  }

  async close(): Promise<void> {
    await this.pool.end();
  }
}

import type { Pool, PoolConnection } from 'mysql2/promise';
import { retried } from '../server/retried.js';

/**
 * Commits if `work` resolves to true, otherwise rolls back; retries on a conflict with another writer. A connection
 * whose BEGIN, COMMIT or ROLLBACK failed may still be inside the transaction, and is discarded.
 */
export function inTransaction(
  pool: Pool,
  work: (connection: PoolConnection) => Promise<boolean>,
): Promise<boolean> {
  return retried(async () => {
    const connection = await pool.getConnection();
    let clean = false;
    try {
      await connection.beginTransaction();
      const commits = await work(connection).catch(async (error) => {
        clean = await isRolledBack(connection);
        throw error;
      });
      await (commits ? connection.commit() : connection.rollback());
      clean = true;
      return commits;
    } finally {
      if (clean) connection.release();
      else connection.destroy();
    }
  });
}

const isRolledBack = (connection: PoolConnection): Promise<boolean> =>
  connection.rollback().then(
    () => true,
    () => false,
  );

import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool, PoolConnection } from 'mysql2/promise';
import { isConflict, isLockWait } from '../storage-error.js';

const MAX_ATTEMPTS = 8;
/** The caller is answered within three seconds. */
const MAX_CONFLICT_MS = 2000;

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

export async function retried<T>(attempt: () => Promise<T>): Promise<T> {
  const until = performance.now() + MAX_CONFLICT_MS;
  for (let tries = 1; ; tries++) {
    try {
      return await attempt();
    } catch (error) {
      const over = tries === MAX_ATTEMPTS || performance.now() > until;
      if (!isConflict(error) || isLockWait(error) || over) throw error;
      await sleep(Math.random() * 5 * 2 ** tries);
    }
  }
}

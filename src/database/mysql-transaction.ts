import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool, PoolConnection } from 'mysql2/promise';
import { isConflict, isLockWait } from './storage-error.js';

const MOST_TRIES = 8;

/** Commits when `work` answers true, else rolls back; tries again where another writer was in the way. */
export function inTransaction(
  pool: Pool,
  work: (connection: PoolConnection) => Promise<boolean>,
): Promise<boolean> {
  return retried(async () => {
    const connection = await pool.getConnection();
    try {
      await connection.beginTransaction();
      const commits = await work(connection);
      await (commits ? connection.commit() : connection.rollback());
      return commits;
    } catch (error) {
      await connection.rollback().catch(() => connection.destroy());
      throw error;
    } finally {
      connection.release();
    }
  });
}

export async function retried<T>(attempt: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await attempt();
    } catch (error) {
      if (!isConflict(error) || isLockWait(error) || tries === MOST_TRIES) throw error;
      await sleep(Math.random() * 5 * 2 ** tries);
    }
  }
}

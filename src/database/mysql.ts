import { createPool, type Pool, type PoolOptions } from 'mysql2/promise';
import { syncReads } from './galera.js';

/** Options of every MySQL connection: UTC, and bounded waiting, so that a lost server is an error and not a hang. */
export const MYSQL_CONNECTION: PoolOptions = {
  timezone: 'Z',
  charset: 'utf8mb4_bin',
  connectTimeout: 3000,
  enableKeepAlive: true,
  queueLimit: 1000,
  supportBigNumbers: true,
};

/** A pool of the server's own SQL, beside TypeORM's: for the paths that run at every token. */
export function openMysqlPool(
  url: string,
  connections: number,
  pulse?: { readonly open: PoolOptions['stream'] },
): Pool {
  const pool = createPool({
    uri: url,
    ...MYSQL_CONNECTION,
    connectionLimit: connections,
    maxIdle: connections,
    stream: pulse?.open,
    // The stack of whoever asked, written down for each statement, costs more than sending it.
    trace: false,
  });
  return syncReads(pool);
}

import type { Watching } from './connection-guard.js';

export interface PoolSize {
  connections: number;
  /** Seconds that a statement waits for a row lock; the server's default exceeds every request timeout. */
  lockWaitSeconds?: number;
  watching?: Watching;
}

export const WRITE_CONNECTIONS = 6;
export const READ_CONNECTIONS = 3;

/** TypeORM's, for transactions. */
export const TRANSACTION_POOL: PoolSize = {
  connections: WRITE_CONNECTIONS,
  lockWaitSeconds: 2,
  watching: { statementMs: 2500 },
};

/** TypeORM's while a program starts, or for a command. */
export const START_POOL: PoolSize = { connections: 2 };

/** TypeORM's, for a command that is the only user of the database. */
export const EXCLUSIVE_POOL: PoolSize = { connections: 1 };

/** TypeORM's, for reads outside transactions. */
export const READ_POOL: PoolSize = { ...TRANSACTION_POOL, connections: READ_CONNECTIONS };

/** For counts that all processes share. */
export const COUNT_POOL: PoolSize = {
  connections: 2,
  lockWaitSeconds: 1,
  watching: { statementMs: 1500 },
};

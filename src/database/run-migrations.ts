import { setTimeout as sleep } from 'node:timers/promises';
import { DataSource, type DataSourceOptions } from 'typeorm';

/**
 * The start lock covers one node of a cluster only: on two nodes, a process may find a step already done or lose its
 * commit.
 */
const LOST_RACE = new Set([
  'ER_LOCK_DEADLOCK',
  'ER_LOCK_WAIT_TIMEOUT',
  'ER_QUERY_INTERRUPTED',
  'ER_ERROR_DURING_COMMIT',
  'ER_TABLE_DEF_CHANGED',
  'ER_TABLE_EXISTS_ERROR',
  'ER_DUP_ENTRY',
  'ER_DUP_FIELDNAME',
  'ER_DUP_KEYNAME',
]);

const MAX_RACES = 20;
const MAX_PAUSE_MS = 500;

/** Every step of a migration is repeatable, so a lost race is retried until the other process has finished. */
export async function runMigrations(options: DataSourceOptions): Promise<void> {
  for (let races = 1; ; races++) {
    try {
      await runOnce(options);
      return;
    } catch (error) {
      const { code } = error as { code?: unknown };
      if (typeof code !== 'string' || !LOST_RACE.has(code) || races === MAX_RACES) throw error;
      await sleep(Math.random() * MAX_PAUSE_MS);
    }
  }
}

async function runOnce(options: DataSourceOptions): Promise<void> {
  const dataSource = await new DataSource(options).initialize();
  try {
    await dataSource.runMigrations({ transaction: 'each' });
  } finally {
    await dataSource.destroy();
  }
}

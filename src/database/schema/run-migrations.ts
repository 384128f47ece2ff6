import { setTimeout as sleep } from 'node:timers/promises';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { assertNoForeignTable } from './foreign-tables.js';
import { assertNoNewerSchema } from './newer-schema.js';

const MAX_RACES = 20;
const MAX_PAUSE_MS = 500;

/** Every step of a migration is repeatable, so a lost race is retried until the other process has finished. */
export async function runMigrations(
  options: DataSourceOptions,
  isLostRace: (code: string) => boolean,
): Promise<void> {
  for (let races = 1; ; races++) {
    try {
      await runOnce(options);
      return;
    } catch (error) {
      const { code } = error as { code?: unknown };
      if (typeof code !== 'string' || !isLostRace(code) || races === MAX_RACES) throw error;
      await sleep(Math.random() * MAX_PAUSE_MS);
    }
  }
}

async function runOnce(options: DataSourceOptions): Promise<void> {
  const dataSource = await new DataSource(options).initialize();
  try {
    await assertNoForeignTable(dataSource);
    await assertNoNewerSchema(dataSource);
    await dataSource.runMigrations({ transaction: 'each' });
  } finally {
    await dataSource.destroy();
  }
}

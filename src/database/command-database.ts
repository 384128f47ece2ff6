import { existsSync } from 'node:fs';
import { DataSource, type EntityTarget, type ObjectLiteral } from 'typeorm';
import { InvalidSetting } from '../config/invalid-setting.js';
import type { DatabaseSettings } from '../config/settings.js';
import { asDatabaseSettingError } from './connection-error-text.js';
import { dataSourceOptions } from './data-source.js';
import { createFilesPrivately } from './sqlite/private-files.js';
import { withStartLock } from './start-lock.js';
import { UnitOfWork } from './unit-of-work.js';

/**
 * Opens an existing database for a command that runs beside the servers. It holds the lock under which servers start
 * and migrate, so that one command runs at a time. It creates and migrates nothing.
 */
export async function withDatabase<T>(
  database: DatabaseSettings,
  entities: EntityTarget<ObjectLiteral>[],
  work: (unitOfWork: UnitOfWork) => Promise<T>,
): Promise<T> {
  if (database.engine === 'sqlite' && !existsSync(database.file)) {
    throw new InvalidSetting('DATABASE_URL', `database file ${database.file} not found`);
  }
  createFilesPrivately();
  const dataSource = new DataSource({
    ...dataSourceOptions(database),
    entities: entities as (() => unknown)[],
  });
  return withSettingErrors(database, () =>
    withStartLock(database, async () => {
      await dataSource.initialize();
      try {
        return await work(new UnitOfWork(dataSource));
      } finally {
        await dataSource.destroy();
      }
    }),
  );
}

async function withSettingErrors<T>(database: DatabaseSettings, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw await asDatabaseSettingError('DATABASE_URL', error, database);
  }
}

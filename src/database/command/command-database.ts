import { DataSource, type EntityTarget, type ObjectLiteral } from 'typeorm';
import type { DatabaseSettings } from '../../config/settings.js';
import { loadEngine } from '../engines.js';
import { createFilesPrivately } from '../sqlite/private-files.js';
import { UnitOfWork } from '../unit-of-work.js';
import { withSettingErrors } from '../unusable-database.js';

/**
 * Opens an existing database for a command that runs beside the servers. It holds the lock under which servers start
 * and migrate, so that one command runs at a time. It creates and migrates nothing.
 */
export async function withDatabase<T>(
  database: DatabaseSettings,
  entities: EntityTarget<ObjectLiteral>[],
  work: (unitOfWork: UnitOfWork) => Promise<T>,
): Promise<T> {
  const engine = await loadEngine(database);
  createFilesPrivately();
  return withSettingErrors(engine, async () => {
    engine.assertExists();
    await engine.locate();
    const dataSource = new DataSource({
      ...engine.dataSourceOptions(),
      entities: entities as (() => unknown)[],
    });
    return engine.withStartLock(async () => {
      await dataSource.initialize();
      try {
        return await work(new UnitOfWork(dataSource, engine));
      } finally {
        await dataSource.destroy();
      }
    });
  });
}

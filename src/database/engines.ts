import type { DatabaseSettings } from '../config/settings.js';
import type { DatabaseEngine } from './engine/engine.js';

/** Loads the driver of this engine only: the other two would take a tenth of the time of a start. */
export async function loadEngine(database: DatabaseSettings): Promise<DatabaseEngine> {
  switch (database.engine) {
    case 'sqlite': {
      const { SqliteEngine } = await import('./sqlite/sqlite-engine.js');
      return new SqliteEngine(database);
    }
    case 'mysql': {
      const { MysqlEngine } = await import('./mysql/mysql-engine.js');
      return new MysqlEngine(database);
    }
    case 'postgres': {
      const { PostgresEngine } = await import('./postgres/postgres-engine.js');
      return new PostgresEngine(database);
    }
  }
}

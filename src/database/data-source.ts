import type { DataSourceOptions } from 'typeorm';
import { migrations } from '../../migrations/index.js';
import type { DatabaseSettings } from '../config/settings.js';
import { MYSQL_CONNECTION } from './mysql.js';
import {
  SQLITE_BUSY_TIMEOUT_MILLISECONDS,
  type SqliteConnection,
  sqliteDriver,
  tuneSqlite,
} from './sqlite.js';

/** TypeORM's connection to either engine; the schema comes from migrations alone. */
export function dataSourceOptions(database: DatabaseSettings): DataSourceOptions {
  const both = { migrations, migrationsTableName: 'migration', synchronize: false, logging: false } as const;
  if (database.engine === 'mysql') {
    const { timezone, charset, connectTimeout } = MYSQL_CONNECTION;
    return {
      ...both,
      type: 'mysql',
      url: database.url,
      timezone: timezone as string,
      charset: charset as string,
      connectTimeout: connectTimeout as number,
      supportBigNumbers: true,
      extra: { connectionLimit: 8 },
    };
  }
  return {
    ...both,
    type: 'better-sqlite3',
    driver: sqliteDriver,
    database: database.file,
    timeout: SQLITE_BUSY_TIMEOUT_MILLISECONDS,
    prepareDatabase: (connection: unknown) => tuneSqlite(connection as SqliteConnection),
  };
}

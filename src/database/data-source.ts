import type { DataSourceOptions } from 'typeorm';
import { migrations } from '../../migrations/index.js';
import type { DatabaseSettings } from '../config/settings.js';
import { MYSQL_CONNECTION } from './mysql.js';
import type { MysqlPulse } from './mysql-pulse.js';
import {
  beginAsWriter,
  SQLITE_BUSY_TIMEOUT_MILLISECONDS,
  type SqliteConnection,
  sqliteDriver,
  tuneSqlite,
  waitAtMost,
} from './sqlite.js';

/** So long all other requests of a process wait while SQLite waits for a writer; then `UnitOfWork` lets them have a turn. */
const SHORT_WAIT_MILLISECONDS = 100;

interface Opening {
  sqliteWaitMilliseconds?: number;
  pulse?: MysqlPulse | undefined;
}

/** TypeORM's connection to either engine; the schema comes from migrations alone. */
export function dataSourceOptions(
  database: DatabaseSettings,
  { sqliteWaitMilliseconds = SHORT_WAIT_MILLISECONDS, pulse }: Opening = {},
): DataSourceOptions {
  const both = { migrations, migrationsTableName: 'migration', synchronize: false, logging: false } as const;
  if (database.engine === 'mysql') {
    const { timezone, charset, connectTimeout, queueLimit } = MYSQL_CONNECTION;
    return {
      ...both,
      type: 'mysql',
      url: database.url,
      timezone: timezone as string,
      charset: charset as string,
      connectTimeout: connectTimeout as number,
      supportBigNumbers: true,
      // As the other pools have it: a number that is exact is no text.
      bigNumberStrings: false,
      extra: { connectionLimit: 8, queueLimit, stream: pulse?.open },
    };
  }
  let openedBefore = false;
  return {
    ...both,
    type: 'better-sqlite3',
    driver: sqliteDriver,
    database: database.file,
    timeout: SQLITE_BUSY_TIMEOUT_MILLISECONDS,
    prepareDatabase: (connection: unknown) => {
      // Requests wait meanwhile when it is opened anew.
      tuneSqlite(connection as SqliteConnection, openedBefore ? sqliteWaitMilliseconds : undefined);
      openedBefore = true;
      waitAtMost(connection as SqliteConnection, sqliteWaitMilliseconds);
      beginAsWriter(connection as SqliteConnection);
    },
  };
}

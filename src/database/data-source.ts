import mysql from 'mysql2';
import type { DataSource, DataSourceOptions } from 'typeorm';
import { migrations } from '../../migrations/index.js';
import type { DatabaseSettings, MysqlSettings } from '../config/settings.js';
import { type PoolSize, poolOptions, prepared } from './mysql/mysql.js';
import type { MysqlHeartbeat } from './mysql/mysql-heartbeat.js';
import { QuietLogger } from './quiet-logger.js';
import {
  beginAsWriter,
  SQLITE_BUSY_TIMEOUT_MILLISECONDS,
  type SqliteConnection,
  sqliteDriver,
  tuneSqlite,
  waitAtMost,
} from './sqlite/sqlite.js';

/** So long all other requests of a process wait while SQLite waits for a writer; then `UnitOfWork` lets them have a turn. */
const SHORT_WAIT_MILLISECONDS = 100;

export const WRITE_CONNECTIONS = 6;
export const READ_CONNECTIONS = 3;
/** The provider of the connections for what is read outside transactions; on SQLite there is none. */
export const READS = Symbol('reads');

const TRANSACTION_POOL: PoolSize = {
  connections: WRITE_CONNECTIONS,
  lockWaitSeconds: 2,
  watching: { statementMs: 2500 },
};

interface Opening {
  sqliteWaitMilliseconds?: number;
  pulse?: MysqlHeartbeat | undefined;
}

/** TypeORM's connection to either engine; the schema comes from migrations alone. */
export function dataSourceOptions(
  database: DatabaseSettings,
  { sqliteWaitMilliseconds = SHORT_WAIT_MILLISECONDS, pulse }: Opening = {},
): DataSourceOptions {
  const both = {
    migrations,
    migrationsTableName: 'migration',
    synchronize: false,
    logger: new QuietLogger(),
  } as const;
  if (database.engine === 'mysql') return { ...both, ...mysqlDataSource(database, pulse) };
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

/** TypeORM makes its pool by the driver's `createPool` from `extra`: that is the pool which all others are like. */
function mysqlDataSource(settings: MysqlSettings, pulse: MysqlHeartbeat | undefined) {
  const size: PoolSize = pulse ? TRANSACTION_POOL : { connections: 2 };
  return {
    type: 'mysql',
    host: settings.host,
    port: settings.port,
    username: settings.user,
    password: settings.password,
    database: settings.database,
    extra: poolOptions(settings, size, pulse?.connections),
    driver: {
      ...mysql,
      createPool: (options: mysql.PoolOptions) =>
        prepared(mysql.createPool(options), size, pulse?.connections),
    },
  } as const;
}

/** A second pool with the same entities, for what is read outside transactions. */
export const readsOptions = (
  dataSource: DataSource,
  settings: MysqlSettings,
  pulse: MysqlHeartbeat | undefined,
) =>
  ({
    ...dataSource.options,
    extra: poolOptions(settings, { connections: READ_CONNECTIONS }, pulse?.connections),
  }) as DataSourceOptions;

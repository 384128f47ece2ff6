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

/**
 * SQLite's wait for another writer blocks all requests of the process for this long at most; then `UnitOfWork` yields
 * to them.
 */
const SHORT_WAIT_MILLISECONDS = 100;

export const WRITE_CONNECTIONS = 6;
export const READ_CONNECTIONS = 3;
/** Injection token of the connections for reads outside transactions; there are none on SQLite. */
export const READS = Symbol('reads');

const TRANSACTION_POOL: PoolSize = {
  connections: WRITE_CONNECTIONS,
  lockWaitSeconds: 2,
  watching: { statementMs: 2500 },
};

interface Opening {
  sqliteWaitMilliseconds?: number;
  heartbeat?: MysqlHeartbeat | undefined;
}

/** TypeORM's connection to either engine; only migrations define the schema. */
export function dataSourceOptions(
  database: DatabaseSettings,
  { sqliteWaitMilliseconds = SHORT_WAIT_MILLISECONDS, heartbeat }: Opening = {},
): DataSourceOptions {
  const both = {
    migrations,
    migrationsTableName: 'migration',
    synchronize: false,
    logger: new QuietLogger(),
  } as const;
  if (database.engine === 'mysql') return { ...both, ...mysqlDataSource(database, heartbeat) };
  let openedBefore = false;
  return {
    ...both,
    type: 'better-sqlite3',
    driver: sqliteDriver,
    database: database.file,
    timeout: SQLITE_BUSY_TIMEOUT_MILLISECONDS,
    prepareDatabase: (connection: unknown) => {
      // When it is reopened, requests are waiting.
      tuneSqlite(connection as SqliteConnection, openedBefore ? sqliteWaitMilliseconds : undefined);
      openedBefore = true;
      waitAtMost(connection as SqliteConnection, sqliteWaitMilliseconds);
      beginAsWriter(connection as SqliteConnection);
    },
  };
}

/**
 * TypeORM creates its pool from `extra` with the driver's `createPool`, which is overridden to prepare its
 * connections like those of other pools.
 */
function mysqlDataSource(settings: MysqlSettings, heartbeat: MysqlHeartbeat | undefined) {
  const size: PoolSize = heartbeat ? TRANSACTION_POOL : { connections: 2 };
  return {
    type: 'mysql',
    host: settings.host,
    port: settings.port,
    username: settings.user,
    password: settings.password,
    database: settings.database,
    extra: poolOptions(settings, size, heartbeat?.connections),
    driver: {
      ...mysql,
      createPool: (options: mysql.PoolOptions) =>
        prepared(mysql.createPool(options), size, heartbeat?.connections),
    },
  } as const;
}

/** A second pool with the same entities, for reads outside transactions. */
export const readsOptions = (
  dataSource: DataSource,
  settings: MysqlSettings,
  heartbeat: MysqlHeartbeat | undefined,
) =>
  ({
    ...dataSource.options,
    extra: poolOptions(settings, { connections: READ_CONNECTIONS }, heartbeat?.connections),
  }) as DataSourceOptions;

import mysql from 'mysql2';
import type { Pool } from 'mysql2/promise';
import type { DataSourceOptions } from 'typeorm';
import type { ServerSettings } from '../../config/settings.js';
import type { Statement } from '../durable-writer.js';
import type { Run } from '../engine/run.js';
import type { ConnectionGuard } from '../server/connection-guard.js';
import type { PoolSize } from '../server/pool-size.js';
import type { HeartbeatDriver } from '../server/probe.js';
import { ServerEngine } from '../server/server-engine.js';
import { cutConnection, openMysqlPool, poolOptions, prepared } from './mysql.js';
import { countOthers } from './mysql-connections.js';
import { LOST_RACE } from './mysql-errors.js';
import { mysqlHeartbeatDriver } from './mysql-heartbeat.js';
import { withMysqlLock } from './mysql-lock.js';
import { MysqlReadPool } from './mysql-read-pool.js';
import { MYSQL_SCHEMA } from './mysql-schema.js';
import { MysqlSearchPool } from './mysql-search-pool.js';
import { mysqlSettingError } from './mysql-setting-error.js';
import { MysqlWindowCounts } from './mysql-window-counts.js';
import { MysqlWritePool } from './mysql-write-pool.js';

/** MySQL and MariaDB, on the driver mysql2. */
export class MysqlEngine extends ServerEngine<Pool> {
  /** UTC: in local time an hour can occur twice. */
  readonly schema = MYSQL_SCHEMA;
  readonly currentTime = "SELECT TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6)) AS microseconds";
  readonly beginSnapshot = [
    'SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ',
    'START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY',
  ];
  protected readonly lostRace = LOST_RACE;

  async check(): Promise<string[]> {
    return [];
  }

  withStartLock<T>(work: () => Promise<T>): Promise<T> {
    return withMysqlLock(this.settings, work);
  }

  otherConnections(run: Run): Promise<number> {
    return countOthers(this.settings, run);
  }

  estimate(table: string): Statement {
    return {
      sql: `SELECT table_rows AS row_count, data_length + index_length AS bytes FROM information_schema.tables
        WHERE table_schema = DATABASE() AND table_name = ?`,
      values: [table],
    };
  }

  protected heartbeatDriver(server: ServerSettings): HeartbeatDriver {
    return mysqlHeartbeatDriver(server);
  }

  protected explainError(setting: string, error: unknown, server: ServerSettings): unknown {
    return mysqlSettingError(setting, error, server);
  }

  protected get ormConnection(): DataSourceOptions {
    const { host, port, user, password, database } = this.settings;
    return { type: 'mysql', host, port, username: user, password, database };
  }

  /**
   * TypeORM creates its pool from `extra` with the driver's `createPool`, which is overridden to prepare its
   * connections.
   */
  protected ormPool(size: PoolSize, guard?: ConnectionGuard): object {
    return {
      extra: poolOptions(this.hosts, size, guard),
      driver: {
        ...mysql,
        createPool: (options: mysql.PoolOptions) => prepared(mysql.createPool(options), size, guard),
      },
    };
  }

  protected openPool(size: PoolSize, guard?: ConnectionGuard): Pool {
    return openMysqlPool(this.hosts, size, guard);
  }

  protected cutConnection(connection: unknown, error: Error): void {
    cutConnection(connection, error);
  }

  protected writePool(pool: Pool): MysqlWritePool {
    return new MysqlWritePool(pool);
  }

  protected readPool(pool: Pool): MysqlReadPool {
    return new MysqlReadPool(pool);
  }

  protected searchPool(open: (size: PoolSize) => Pool): MysqlSearchPool {
    return new MysqlSearchPool(open);
  }

  protected windowCounts(pool: Pool): MysqlWindowCounts {
    return new MysqlWindowCounts(pool);
  }
}

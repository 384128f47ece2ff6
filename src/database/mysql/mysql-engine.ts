import mysql from 'mysql2';
import type { DataSource, DataSourceOptions } from 'typeorm';
import type { ServerSettings } from '../../config/settings.js';
import { DATA_SOURCE_OPTIONS } from '../data-source.js';
import type { DurableWriter } from '../durable-writer.js';
import { DatabaseEngine } from '../engine/engine.js';
import type { Heartbeat } from '../engine/heartbeat.js';
import type { OrmGuard } from '../engine/orm-guard.js';
import type { Run } from '../engine/run.js';
import type { SearchEngine } from '../engine/search-engine.js';
import type { WindowCounts } from '../engine/window-counts.js';
import type { Outage } from '../outage.js';
import type { RowReader } from '../row-reader.js';
import {
  EXCLUSIVE_POOL,
  type PoolSize,
  READ_POOL,
  START_POOL,
  TRANSACTION_POOL,
} from '../server/pool-size.js';
import { ServerHeartbeat } from '../server/server-heartbeat.js';
import { ServerOrm } from '../server/server-orm.js';
import { ServerReader } from '../server/server-reader.js';
import { ServerWriter } from '../server/server-writer.js';
import { cutConnection, openMysqlPool, poolOptions, prepared } from './mysql.js';
import { countOthers } from './mysql-connections.js';
import { LOST_RACE } from './mysql-errors.js';
import { mysqlHeartbeatDriver } from './mysql-heartbeat.js';
import { withMysqlLock } from './mysql-lock.js';
import { MysqlReadPool } from './mysql-read-pool.js';
import { MysqlSearch } from './mysql-search.js';
import { mysqlSettingError } from './mysql-setting-error.js';
import { MysqlWindowCounts } from './mysql-window-counts.js';
import { MysqlWritePool } from './mysql-write-pool.js';

/** MySQL and MariaDB, on the driver mysql2. */
export class MysqlEngine extends DatabaseEngine {
  readonly files = [];
  /** UTC: in local time an hour can occur twice. */
  readonly currentTime = "SELECT TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6)) AS microseconds";
  readonly beginSnapshot = [
    'SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ',
    'START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY',
  ];
  private heartbeat: ServerHeartbeat | undefined;

  constructor(private readonly settings: ServerSettings) {
    super();
  }

  prepare(): void {}

  assertExists(): void {}

  async check(): Promise<string[]> {
    return [];
  }

  settingError(setting: string, error: unknown): Promise<unknown> {
    return mysqlSettingError(setting, error, this.settings);
  }

  withStartLock<T>(work: () => Promise<T>): Promise<T> {
    return withMysqlLock(this.settings, work);
  }

  isLostRace(code: string): boolean {
    return LOST_RACE.test(code);
  }

  openHeartbeat(outage: Outage): Heartbeat {
    this.heartbeat = new ServerHeartbeat(this.settings, outage, mysqlHeartbeatDriver(this.settings));
    return this.heartbeat;
  }

  /**
   * TypeORM creates its pool from `extra` with the driver's `createPool`, which is overridden to prepare its
   * connections like those of other pools.
   */
  dataSourceOptions(): DataSourceOptions {
    const { host, port, user, password, database } = this.settings;
    return {
      ...DATA_SOURCE_OPTIONS,
      ...{ type: 'mysql', host, port, username: user, password, database },
      ...this.ormPool(this.heartbeat ? TRANSACTION_POOL : START_POOL),
    };
  }

  readsOptions(dataSource: DataSource): DataSourceOptions {
    return { ...dataSource.options, ...this.ormPool(READ_POOL) } as DataSourceOptions;
  }

  ormGuard(): OrmGuard {
    return new ServerOrm(cutConnection);
  }

  exclusiveOptions(): DataSourceOptions {
    return { ...this.dataSourceOptions(), ...this.ormPool(EXCLUSIVE_POOL) } as DataSourceOptions;
  }

  otherConnections(run: Run): Promise<number> {
    return countOthers(this.settings, run);
  }

  openWriter(): DurableWriter {
    return new ServerWriter((size) => new MysqlWritePool(this.openPool(size)), this.heartbeat);
  }

  openReader(): RowReader {
    return new ServerReader((size) => new MysqlReadPool(this.openPool(size)), this.heartbeat);
  }

  async openReadOnly(): Promise<RowReader> {
    return this.openReader();
  }

  openSearch(): SearchEngine {
    return new MysqlSearch((size) => this.openPool(size), this.heartbeat);
  }

  openWindowCounts(): WindowCounts {
    return new MysqlWindowCounts((size) => this.openPool(size));
  }

  private openPool(size: PoolSize) {
    return openMysqlPool(this.settings, size, this.guard);
  }

  private ormPool(size: PoolSize) {
    return {
      extra: poolOptions(this.settings, size, this.guard),
      driver: {
        ...mysql,
        createPool: (options: mysql.PoolOptions) => prepared(mysql.createPool(options), size, this.guard),
      },
    };
  }

  private get guard() {
    return this.heartbeat?.connections;
  }
}

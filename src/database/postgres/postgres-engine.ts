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
import { checkServer } from './postgres-check.js';
import { LOST_RACE } from './postgres-errors.js';
import { postgresHeartbeatDriver } from './postgres-heartbeat.js';
import { withPostgresLock } from './postgres-lock.js';
import { ormPool } from './postgres-orm.js';
import { cutConnection, PostgresPool } from './postgres-pool.js';
import { PostgresReadPool } from './postgres-read-pool.js';
import { PostgresSearch } from './postgres-search.js';
import { postgresSettingError } from './postgres-setting-error.js';
import { PostgresWindowCounts } from './postgres-window-counts.js';
import { PostgresWritePool } from './postgres-write-pool.js';

/** Besides the session that asks, the holder of the start lock, and the server's own workers. */
const COUNT_OTHERS = `SELECT COUNT(*) AS others FROM pg_stat_activity
  WHERE datname = CURRENT_DATABASE() AND usename IS NOT NULL AND pid <> pg_backend_pid()
    AND pid NOT IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted)`;

/** PostgreSQL 14 and later, on the driver pg. */
export class PostgresEngine extends DatabaseEngine {
  readonly files = [];
  readonly currentTime =
    'SELECT CAST(EXTRACT(EPOCH FROM CURRENT_TIMESTAMP) * 1000000 AS bigint) AS microseconds';
  readonly beginSnapshot = [
    'START TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY',
    'SET LOCAL statement_timeout = 0',
    'SET LOCAL idle_in_transaction_session_timeout = 0',
  ];
  private heartbeat: ServerHeartbeat | undefined;

  constructor(private readonly settings: ServerSettings) {
    super();
  }

  prepare(): void {}

  assertExists(): void {}

  check(): Promise<string[]> {
    return checkServer(this.settings);
  }

  async settingError(setting: string, error: unknown): Promise<unknown> {
    return postgresSettingError(setting, error, this.settings);
  }

  withStartLock<T>(work: () => Promise<T>): Promise<T> {
    return withPostgresLock(this.settings, work);
  }

  isLostRace(code: string): boolean {
    return LOST_RACE.test(code);
  }

  openHeartbeat(outage: Outage): Heartbeat {
    this.heartbeat = new ServerHeartbeat(this.settings, outage, postgresHeartbeatDriver(this.settings));
    return this.heartbeat;
  }

  dataSourceOptions(): DataSourceOptions {
    const { host, port, user, database } = this.settings;
    return {
      ...DATA_SOURCE_OPTIONS,
      ...{ type: 'postgres', host, port, username: user, database, installExtensions: false },
      ...this.ormPool(this.heartbeat ? TRANSACTION_POOL : START_POOL),
    };
  }

  readsOptions(dataSource: DataSource): DataSourceOptions {
    return { ...dataSource.options, ...this.ormPool(READ_POOL) } as DataSourceOptions;
  }

  exclusiveOptions(): DataSourceOptions {
    return { ...this.dataSourceOptions(), ...this.ormPool(EXCLUSIVE_POOL) } as DataSourceOptions;
  }

  async otherConnections(run: Run): Promise<number> {
    const [row] = await run(COUNT_OTHERS, []);
    return Number(row?.others);
  }

  ormGuard(): OrmGuard {
    return new ServerOrm(cutConnection);
  }

  openWriter(): DurableWriter {
    return new ServerWriter((size) => new PostgresWritePool(this.openPool(size)), this.heartbeat);
  }

  openReader(): RowReader {
    return new ServerReader((size) => new PostgresReadPool(this.openPool(size)), this.heartbeat);
  }

  async openReadOnly(): Promise<RowReader> {
    return this.openReader();
  }

  openSearch(): SearchEngine {
    return new PostgresSearch((size) => this.openPool(size), this.heartbeat);
  }

  openWindowCounts(): WindowCounts {
    return new PostgresWindowCounts((size) => this.openPool(size));
  }

  private openPool(size: PoolSize): PostgresPool {
    return new PostgresPool(this.settings, size, this.heartbeat?.connections);
  }

  private ormPool(size: PoolSize) {
    return ormPool(this.settings, size, this.heartbeat?.connections);
  }
}

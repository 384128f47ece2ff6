import type { DataSource, DataSourceOptions } from 'typeorm';
import type { ServerSettings } from '../../config/settings.js';
import { DATA_SOURCE_OPTIONS } from '../data-source.js';
import type { DurableWriter } from '../durable-writer.js';
import { DatabaseEngine } from '../engine/engine.js';
import type { Codes } from '../engine/error-codes.js';
import type { Heartbeat } from '../engine/heartbeat.js';
import type { OrmGuard } from '../engine/orm-guard.js';
import type { SearchEngine } from '../engine/search-engine.js';
import type { WindowCounts } from '../engine/window-counts.js';
import type { Outage } from '../outage.js';
import type { RowReader } from '../row-reader.js';
import type { ConnectionGuard } from './connection-guard.js';
import { findFirst } from './hosts/find-first.js';
import { Hosts } from './hosts/hosts.js';
import { explain } from './hosts/no-usable-host.js';
import {
  COUNT_POOL,
  EXCLUSIVE_POOL,
  type PoolSize,
  READ_POOL,
  START_POOL,
  TRANSACTION_POOL,
} from './pool-size.js';
import type { HeartbeatDriver } from './probe.js';
import { ServerHeartbeat } from './server-heartbeat.js';
import { ServerOrm } from './server-orm.js';
import { type ReadPool, ServerReader } from './server-reader.js';
import { type SearchPool, ServerSearch } from './server-search.js';
import { ServerWriter } from './writes/server-writer.js';
import type { WritePool } from './writes/write-pool.js';

/** How the engines of database servers open their connections; `Pool` is one of the driver. */
export abstract class ServerEngine<Pool> extends DatabaseEngine {
  readonly files = [];
  protected readonly hosts: Hosts;
  private heartbeat: ServerHeartbeat | undefined;

  constructor(settings: ServerSettings) {
    super();
    this.hosts = new Hosts(settings);
  }

  /** Errors of a migration that another process runs as well. */
  protected abstract readonly lostRace: Codes;
  protected abstract heartbeatDriver(server: ServerSettings): HeartbeatDriver;
  protected abstract explainError(setting: string, error: unknown, server: ServerSettings): unknown;
  protected abstract readonly ormConnection: DataSourceOptions;

  protected abstract openPool(size: PoolSize, guard?: ConnectionGuard): Pool;
  /** TypeORM's options of a pool whose connections are guarded and prepared like those of other pools. */
  protected abstract ormPool(size: PoolSize, guard?: ConnectionGuard): object;
  /** Rejects the pending statement of one of TypeORM's connections, and closes the connection. */
  protected abstract cutConnection(connection: unknown, error: Error): void;
  protected abstract writePool(pool: Pool): WritePool;
  protected abstract readPool(pool: Pool): ReadPool;
  protected abstract searchPool(open: (size: PoolSize) => Pool): SearchPool;
  protected abstract windowCounts(pool: Pool): WindowCounts;

  /** The host in use. */
  protected get settings(): ServerSettings {
    return this.hosts.current;
  }

  async locate(): Promise<void> {
    this.location = await findFirst(this.hosts, (server) => this.heartbeatDriver(server).examine);
  }

  settingError(setting: string, error: unknown): Promise<unknown> {
    return explain(setting, error, this.settings, (one, server) => this.explainError(setting, one, server));
  }

  prepare(): void {}

  assertExists(): void {}

  isLostRace(code: string): boolean {
    return this.lostRace.test(code);
  }

  openHeartbeat(outage: Outage): Heartbeat {
    this.heartbeat = new ServerHeartbeat(this.hosts, outage, (server) => this.heartbeatDriver(server));
    return this.heartbeat;
  }

  dataSourceOptions(): DataSourceOptions {
    const size = this.heartbeat ? TRANSACTION_POOL : START_POOL;
    return {
      ...DATA_SOURCE_OPTIONS,
      ...this.ormConnection,
      ...this.ormPool(size, this.guard),
    } as DataSourceOptions;
  }

  readsOptions(dataSource: DataSource): DataSourceOptions {
    return { ...dataSource.options, ...this.ormPool(READ_POOL, this.guard) } as DataSourceOptions;
  }

  exclusiveOptions(): DataSourceOptions {
    return { ...this.dataSourceOptions(), ...this.ormPool(EXCLUSIVE_POOL, this.guard) } as DataSourceOptions;
  }

  ormGuard(): OrmGuard {
    return new ServerOrm((connection, error) => this.cutConnection(connection, error));
  }

  openWriter(): DurableWriter {
    return new ServerWriter((size) => this.writePool(this.guardedPool(size)), this.heartbeat);
  }

  openReader(): RowReader {
    return new ServerReader((size) => this.readPool(this.guardedPool(size)), this.heartbeat);
  }

  async openReadOnly(): Promise<RowReader> {
    return this.openReader();
  }

  openSearch(): SearchEngine {
    return new ServerSearch(
      this.searchPool((size) => this.guardedPool(size)),
      this.heartbeat,
    );
  }

  openWindowCounts(): WindowCounts {
    return this.windowCounts(this.guardedPool(COUNT_POOL));
  }

  private guardedPool(size: PoolSize): Pool {
    return this.openPool(size, this.guard);
  }

  private get guard(): ConnectionGuard | undefined {
    return this.heartbeat?.connections;
  }
}

import type { DataSource, DataSourceOptions } from 'typeorm';
import type { DurableWriter, Statement } from '../durable-writer.js';
import type { Outage } from '../outage.js';
import type { RowReader } from '../row-reader.js';
import type { Heartbeat } from './heartbeat.js';
import type { Location } from './location.js';
import type { OrmGuard } from './orm-guard.js';
import type { Run } from './run.js';
import type { SchemaDialect } from './schema-dialect.js';
import type { SearchEngine } from './search-engine.js';
import type { WindowCounts } from './window-counts.js';

/**
 * What differs between the database engines. Each engine is a folder that implements this, and an entry in
 * `engines.ts`; no other code depends on which engine is in use.
 */
export abstract class DatabaseEngine {
  /** The database's own files; none on a server. */
  abstract readonly files: readonly string[];
  /** Selects the database's time in microseconds; undefined if it has no clock but the machine's. */
  abstract readonly currentTime: string | undefined;

  abstract readonly schema: SchemaDialect;

  /** Where the database is; undefined for a file, and before `locate`. */
  location: Location | undefined;

  /** Finds the host to use; called before everything that connects. */
  abstract locate(): Promise<void>;

  /** Before the first connection. */
  abstract prepare(): void;
  /** Throws UnusableDatabase if opening would create the database. */
  abstract assertExists(): void;
  /**
   * Throws InvalidSetting if the server cannot be used; resolves to its settings with which rows that were confirmed may
   * be lost, in words.
   */
  abstract check(): Promise<string[]>;
  /** Explains why the database cannot be used: with its place and user, never with a password. */
  abstract settingError(setting: string, error: unknown): Promise<unknown>;
  /**
   * Runs `work` in one process at a time, so that several processes may start on one empty database. The lock ends
   * with a process that dies.
   */
  abstract withStartLock<T>(work: () => Promise<T>): Promise<T>;
  /** Whether a migration has failed because another process runs it as well. */
  abstract isLostRace(code: string): boolean;

  /** Undefined for a database in this process. What is opened afterwards is guarded by it. */
  abstract openHeartbeat(outage: Outage): Heartbeat | undefined;
  /** `starting`: before requests are served, so waits may be long. */
  abstract dataSourceOptions(starting?: boolean): DataSourceOptions;
  /** A second pool with the same entities, for reads outside transactions; undefined where there is one connection. */
  abstract readsOptions(dataSource: DataSource): DataSourceOptions | undefined;
  abstract ormGuard(dataSource: DataSource): OrmGuard;

  /** Statements that begin a read-only transaction, which sees the database as of one moment. */
  abstract readonly beginSnapshot: readonly string[];
  /** One connection for a program that is the database's only user. A database in this process locks out all others. */
  abstract exclusiveOptions(): DataSourceOptions;
  /** How many other programs are connected, as far as the server tells; the holder of the start lock is not one. */
  abstract otherConnections(run: Run): Promise<number>;

  /**
   * Estimates a table without reading all of it: `row_count`, and `bytes` with its indexes. `index` is a small one of the
   * table.
   */
  abstract estimate(table: string, index: string): Statement;

  abstract openWriter(): DurableWriter;
  abstract openReader(): RowReader;
  /** For a command that must not change anything. */
  abstract openReadOnly(): Promise<RowReader>;
  abstract openSearch(): SearchEngine;
  /** Undefined where only this process serves the database. */
  abstract openWindowCounts(): WindowCounts | undefined;
}

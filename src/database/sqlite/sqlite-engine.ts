import { existsSync } from 'node:fs';
import path from 'node:path';
import type { DataSource, DataSourceOptions } from 'typeorm';
import { asSettingError } from '../../config/invalid-setting.js';
import type { SqliteSettings } from '../../config/settings.js';
import { DATA_SOURCE_OPTIONS } from '../data-source.js';
import type { DurableWriter, Statement } from '../durable-writer.js';
import { DatabaseEngine } from '../engine/engine.js';
import type { OrmGuard } from '../engine/orm-guard.js';
import type { SearchEngine } from '../engine/search-engine.js';
import type { RowReader } from '../row-reader.js';
import { UnusableDatabase } from '../unusable-database.js';
import { withFileLock } from './file-lock.js';
import { OrmSqlite } from './orm-sqlite.js';
import { assertOwnFile } from './own-file.js';
import { makeDatabasePrivate } from './private-files.js';
import { makePrivateFolder } from './private-folder.js';
import {
  beginAsWriter,
  SQLITE_BUSY_TIMEOUT_MILLISECONDS,
  type SqliteConnection,
  sqliteDriver,
  tuneSqlite,
  waitAtMost,
} from './sqlite.js';
import { SqliteReader } from './sqlite-reader.js';
import { SQLITE_SCHEMA } from './sqlite-schema.js';
import { SqliteSearch } from './sqlite-search.js';
import { SqliteWriter } from './sqlite-writer.js';

/**
 * SQLite's wait for another writer blocks all requests of the process for this long at most; then `UnitOfWork` yields
 * to them.
 */
const SHORT_WAIT_MILLISECONDS = 100;

/** Counted in well under a second. */
const MAX_COUNTED_ROWS = 1_000_000;

/** A file, on the driver libsql. */
export class SqliteEngine extends DatabaseEngine {
  readonly schema = SQLITE_SCHEMA;
  readonly files: readonly string[];
  readonly currentTime = undefined;
  readonly beginSnapshot = ['BEGIN'];
  private readonly file: string;

  constructor({ file }: SqliteSettings) {
    super();
    this.file = file;
    this.files = [file];
  }

  async locate(): Promise<void> {}

  prepare(): void {
    assertOwnFile(this.file);
    makePrivateFolder(path.dirname(this.file));
    makeDatabasePrivate(this.file);
  }

  assertExists(): void {
    if (!existsSync(this.file)) throw new UnusableDatabase(`database file ${this.file} not found`);
    assertOwnFile(this.file);
  }

  async check(): Promise<string[]> {
    return [];
  }

  async settingError(setting: string, error: unknown): Promise<unknown> {
    return asSettingError(setting, error, this.file);
  }

  withStartLock<T>(work: () => Promise<T>): Promise<T> {
    return withFileLock(this.file, work);
  }

  /** The lock covers every process. */
  isLostRace(): boolean {
    return false;
  }

  openHeartbeat(): undefined {
    return undefined;
  }

  dataSourceOptions(starting = false): DataSourceOptions {
    const wait = starting ? SQLITE_BUSY_TIMEOUT_MILLISECONDS : SHORT_WAIT_MILLISECONDS;
    let openedBefore = false;
    return {
      ...DATA_SOURCE_OPTIONS,
      type: 'better-sqlite3',
      driver: sqliteDriver,
      database: this.file,
      timeout: SQLITE_BUSY_TIMEOUT_MILLISECONDS,
      prepareDatabase: (connection: unknown) => {
        // When it is reopened, requests are waiting.
        tuneSqlite(connection as SqliteConnection, openedBefore ? wait : undefined);
        openedBefore = true;
        waitAtMost(connection as SqliteConnection, wait);
        beginAsWriter(connection as SqliteConnection);
      },
    };
  }

  /** In this mode, opening fails while any other connection is open, and none can be opened until this one is closed. */
  exclusiveOptions(): DataSourceOptions {
    return {
      ...this.dataSourceOptions(true),
      prepareDatabase: (connection: unknown) => {
        const sqlite = connection as SqliteConnection;
        sqlite.pragma('locking_mode = EXCLUSIVE');
        tuneSqlite(sqlite, SHORT_WAIT_MILLISECONDS);
        beginAsWriter(sqlite);
      },
    } as DataSourceOptions;
  }

  async otherConnections(): Promise<number> {
    return 0;
  }

  readsOptions(): undefined {
    return undefined;
  }

  ormGuard(dataSource: DataSource): OrmGuard {
    return new OrmSqlite(dataSource, this.file);
  }

  /** Without statistics, rows are counted in a small index, up to a limit; the size is that of the whole file. */
  estimate(table: string, index: string): Statement {
    return {
      sql: `SELECT COUNT(*) AS row_count,
        (SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()) AS bytes
        FROM (SELECT 1 FROM ${table} INDEXED BY ${index} LIMIT ${MAX_COUNTED_ROWS})`,
      values: [],
    };
  }

  openWriter(): DurableWriter {
    return new SqliteWriter(this.file);
  }

  openReader(): RowReader {
    return new SqliteReader(this.file);
  }

  /** SQLite would create a missing file, and open it for writing. */
  async openReadOnly(): Promise<RowReader> {
    const reader = this.openReader();
    await reader.read('PRAGMA query_only = ON', []);
    return reader;
  }

  openSearch(): SearchEngine {
    return new SqliteSearch(this.file);
  }

  openWindowCounts(): undefined {
    return undefined;
  }
}

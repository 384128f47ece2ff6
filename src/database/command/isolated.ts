import { setTimeout as sleep } from 'node:timers/promises';
import { DataSource, type DataSourceOptions, type QueryRunner } from 'typeorm';
import type { DatabaseSettings } from '../../config/settings.js';
import type { Row } from '../batch-loader.js';
import type { DatabaseEngine } from '../engine/engine.js';
import type { Run } from '../engine/run.js';
import { loadEngine } from '../engines.js';
import { assertNoForeignTable } from '../schema/foreign-tables.js';
import { createFilesPrivately } from '../sqlite/private-files.js';
import { isConflict } from '../storage-error.js';
import { withSettingErrors } from '../unusable-database.js';

/** One connection of its own. */
export interface Connection {
  run: Run;
  /** Quotes an identifier. */
  quoted(name: string): string;
  hasTable(name: string): Promise<boolean>;
}

/** The connections of a program that was just killed end within this time. */
const MAX_WAIT_FOR_OTHERS_MS = 10_000;
const RECHECK_INTERVAL_MS = 250;

/** Reads the whole database as of one moment, beside running servers; changes nothing. */
export async function withSnapshot<T>(
  database: DatabaseSettings,
  read: (connection: Connection) => Promise<T>,
): Promise<T> {
  const engine = await loadEngine(database);
  createFilesPrivately();
  return withSettingErrors(engine, async () => {
    engine.assertExists();
    await engine.locate();
    return withRunner(engine.dataSourceOptions(true), async (runner) => {
      for (const sql of engine.beginSnapshot) await runner.query(sql);
      return read(connectionOf(runner));
    });
  });
}

/** What a program does with a database that it alone uses. */
export interface ExclusiveWork<T> {
  /** May reject a database before it is migrated. */
  examine(connection: Connection): Promise<void>;
  /** In one transaction, after the migrations. */
  write(connection: Connection): Promise<T>;
}

/** Locks out starting servers, rejects running ones as far as they can be detected, migrates, and writes all or nothing. */
export async function withExclusiveDatabase<T>(
  database: DatabaseSettings,
  { examine, write }: ExclusiveWork<T>,
): Promise<T> {
  const engine = await loadEngine(database);
  createFilesPrivately();
  return withSettingErrors(engine, async () => {
    engine.prepare();
    await engine.locate();
    return engine.withStartLock(() =>
      withRunner(engine.exclusiveOptions(), async (runner, dataSource) => {
        const connection = connectionOf(runner);
        await assertAlone(engine, connection.run);
        await examine(connection);
        await runner.release();
        await assertNoForeignTable(dataSource);
        await dataSource.runMigrations({ transaction: 'each' });
        return inTransaction(dataSource.createQueryRunner(), write);
      }),
    );
  });
}

async function inTransaction<T>(
  runner: QueryRunner,
  work: (connection: Connection) => Promise<T>,
): Promise<T> {
  await runner.startTransaction();
  try {
    const result = await work(connectionOf(runner));
    await runner.commitTransaction();
    return result;
  } catch (error) {
    if (runner.isTransactionActive) await runner.rollbackTransaction().catch(() => undefined);
    throw error;
  } finally {
    await runner.release();
  }
}

async function withRunner<T>(
  options: DataSourceOptions,
  work: (runner: QueryRunner, dataSource: DataSource) => Promise<T>,
): Promise<T> {
  const dataSource = new DataSource(options);
  await dataSource.initialize().catch((error) => {
    throw isConflict(error) ? inUse() : error;
  });
  const runner = dataSource.createQueryRunner();
  try {
    return await work(runner, dataSource);
  } finally {
    if (!runner.isReleased) await runner.release();
    await dataSource.destroy();
  }
}

async function assertAlone(engine: DatabaseEngine, run: Run): Promise<void> {
  const until = performance.now() + MAX_WAIT_FOR_OTHERS_MS;
  while ((await engine.otherConnections(run)) > 0) {
    if (performance.now() > until) throw inUse();
    await sleep(RECHECK_INTERVAL_MS);
  }
}

const inUse = () =>
  new Error('the database is in use: stop every server, and close every other connection to it, first');

function connectionOf(runner: QueryRunner): Connection {
  return {
    run: async (sql, values) => {
      const result: unknown = await runner.query(sql, [...values]);
      return Array.isArray(result) ? (result as Row[]) : [];
    },
    quoted: (name) => runner.connection.driver.escape(name),
    hasTable: (name) => runner.hasTable(name),
  };
}

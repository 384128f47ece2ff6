import type { DataSource, EntityManager, QueryRunner } from 'typeorm';
import { TemporarilyUnavailable } from '../protocol/unavailable.js';
import { OrmSqlite } from './sqlite/orm-sqlite.js';
import { isConflict, isStorageError } from './storage-error.js';

/**
 * libsql frees the memory of a closed connection at the next garbage collection, so replacements are rate-limited.
 */
const RETRY_DELAY_MS = 500;

/**
 * TypeORM's connection. If its BEGIN, COMMIT or ROLLBACK failed, it may still be inside the transaction, where later
 * writes would be confirmed and never committed; it is discarded and replaced.
 */
export class OrmConnection {
  private readonly sqlite: OrmSqlite | undefined;
  private failures = 0;
  private lastFailure: { error: unknown; at: number } | undefined;

  constructor(private readonly dataSource: DataSource) {
    const { options } = dataSource;
    if (options.type === 'better-sqlite3') this.sqlite = new OrmSqlite(dataSource, options.database);
  }

  async query<T>(call: (manager: EntityManager) => Promise<T>): Promise<T> {
    await this.sqlite?.reopen();
    try {
      return await call(this.dataSource.manager);
    } catch (error) {
      // Pages cached by SQLite can be wrong after its file was unavailable.
      if (isStorageError(error)) await this.sqlite?.replace();
      throw error;
    }
  }

  async transaction<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    this.assertUsable();
    await this.sqlite?.reopen();
    this.sqlite?.file.assertInPlace();
    const runner = this.dataSource.createQueryRunner();
    let clean = false;
    try {
      await runner.startTransaction();
      const outcome = await work(runner.manager).then(
        (result) => ({ result }),
        (error: unknown) => ({ error }),
      );
      clean = 'result' in outcome ? await commit(runner) : await isRolledBack(runner);
      if ('error' in outcome) throw outcome.error;
      this.failures = 0;
      return outcome.result;
    } catch (error) {
      if (!clean) await this.discard(runner, error);
      throw error;
    } finally {
      await runner.release();
      this.sqlite?.file.remember();
    }
  }

  private assertUsable(): void {
    if (!this.lastFailure || this.failures < 2) return;
    if (performance.now() - this.lastFailure.at < RETRY_DELAY_MS) {
      throw new TemporarilyUnavailable(this.lastFailure.error);
    }
  }

  private async discard(runner: QueryRunner, error: unknown): Promise<void> {
    // Another process holds the database; the transaction has not begun.
    if (this.sqlite && isConflict(error)) await this.sqlite.restart();
    else if (this.sqlite) {
      this.failures++;
      this.lastFailure = { error, at: performance.now() };
      await this.sqlite.replace();
    } else {
      // If no connection was available, BEGIN failed and there is none to release.
      await runner.connect().then(
        (connection: { destroy(): void }) => connection.destroy(),
        () => undefined,
      );
    }
  }
}

async function commit(runner: QueryRunner): Promise<true> {
  await runner.commitTransaction();
  return true;
}

const isRolledBack = (runner: QueryRunner): Promise<boolean> =>
  runner.rollbackTransaction().then(
    () => true,
    () => false,
  );

import type { DataSource, EntityManager, QueryRunner } from 'typeorm';
import type { OrmGuard } from './engine/orm-guard.js';

/**
 * TypeORM's connection. If its BEGIN, COMMIT or ROLLBACK failed, it may still be inside the transaction, where later
 * writes would be confirmed and never committed; it is discarded and replaced.
 */
export class OrmConnection {
  constructor(
    private readonly dataSource: DataSource,
    private readonly guard: OrmGuard,
  ) {}

  async query<T>(call: (manager: EntityManager) => Promise<T>): Promise<T> {
    await this.guard.beforeQuery();
    try {
      return await call(this.dataSource.manager);
    } catch (error) {
      await this.guard.queryFailed(error);
      throw error;
    }
  }

  async transaction<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    await this.guard.beforeTransaction();
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
      this.guard.committed();
      return outcome.result;
    } catch (error) {
      if (!clean) await this.guard.discard(runner, error);
      throw error;
    } finally {
      await runner.release();
      this.guard.afterTransaction();
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

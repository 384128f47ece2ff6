import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable, Optional } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { MysqlPulse } from './mysql-pulse.js';
import { asStorageError, isConflict } from './storage-error.js';

const MOST_TRIES_ON_MYSQL = 8;
const LONGEST_WAIT_ON_SQLITE_MILLISECONDS = 10_000;
const BETWEEN_TRIES_ON_SQLITE_MILLISECONDS = 10;

/**
 * Runs repository calls, alone or together in one transaction.
 * SQLite has one connection, so there everything takes turns: else two transactions would run into each other.
 */
@Injectable()
export class UnitOfWork {
  private readonly open = new AsyncLocalStorage<EntityManager>();
  /** How many transactions are open. */
  private opened = 0;
  private lastTurn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly dataSource: DataSource,
    @Optional() @Inject(MysqlPulse) private readonly pulse?: MysqlPulse,
  ) {}

  /** All calls inside `work` commit together or not at all; a nested call joins the transaction that is open. */
  async transaction<T>(work: () => Promise<T>): Promise<T> {
    if (this.open.getStore()) return work();
    return this.guarded(() =>
      this.takeTurn(() => this.dataSource.transaction((manager) => this.runOpen(manager, work))),
    );
  }

  /** One call of a repository, inside the open transaction where there is one. */
  async query<T>(call: (manager: EntityManager) => Promise<T>): Promise<T> {
    const manager = this.open.getStore();
    if (manager) return call(manager);
    return this.guarded(() => this.takeTurn(() => call(this.dataSource.manager)));
  }

  /**
   * While a storage of this kind is enabled, Node follows every promise of the process: it is let go of with the last
   * transaction, so that the token path does not pay for it.
   */
  private async runOpen<T>(manager: EntityManager, work: () => Promise<T>): Promise<T> {
    this.opened++;
    try {
      return await this.open.run(manager, work);
    } finally {
      this.opened--;
      if (this.opened === 0) this.open.disable();
    }
  }

  private async guarded<T>(attempt: () => Promise<T>): Promise<T> {
    const until = performance.now() + LONGEST_WAIT_ON_SQLITE_MILLISECONDS;
    for (let tries = 1; ; tries++) {
      this.pulse?.expect();
      try {
        return await attempt();
      } catch (error) {
        const over = this.onMysql ? tries === MOST_TRIES_ON_MYSQL : performance.now() > until;
        if (!isConflict(error) || over) throw asStorageError(error);
        // A transaction of MySQL has lost to others that go on; on SQLite somebody else just holds the one lock.
        const longest = this.onMysql ? 10 * 2 ** tries : BETWEEN_TRIES_ON_SQLITE_MILLISECONDS;
        await sleep(Math.random() * longest);
      }
    }
  }

  private get onMysql(): boolean {
    return this.dataSource.options.type === 'mysql';
  }

  private takeTurn<T>(call: () => Promise<T>): Promise<T> {
    if (this.onMysql) return call();
    const turn = this.lastTurn.then(call);
    this.lastTurn = turn.catch(() => undefined);
    return turn;
  }
}

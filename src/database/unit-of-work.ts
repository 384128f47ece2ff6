import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable, Optional } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { TemporarilyUnavailable } from '../protocol/unavailable.js';
import { ConcurrencyLimiter } from '../runtime/concurrency-limiter.js';
import { READS } from './data-source.js';
import { DurableWriter } from './durable-writer.js';
import { DatabaseEngine } from './engine/engine.js';
import { Heartbeat } from './engine/heartbeat.js';
import { MAX_LOCK_WAIT_MS } from './engine/lock-wait.js';
import type { OrmGuard } from './engine/orm-guard.js';
import { type Finish, type OpenTransaction, openTransaction, queryWithin } from './open-transaction.js';
import { OrmConnection } from './orm-connection.js';
import { READ_CONNECTIONS, WRITE_CONNECTIONS } from './server/pool-size.js';
import { asStorageError, isConflict, isLockWait } from './storage-error.js';
import { MAX_TRANSACTION_MS, TransactionDeadline } from './transaction-deadline.js';

const MAX_CONNECTION_WAIT_MS = 1000;
/** The caller is answered within three seconds. */
const MAX_TURN_WAIT_MS = 2500;

type Schedule<T> = (begin: () => Promise<T>) => Promise<T>;

/**
 * Runs repository calls, alone or together in one transaction. Where there is one connection, transactions would
 * interleave, so everything is serialised.
 */
@Injectable()
export class UnitOfWork {
  private readonly guard: OrmGuard;
  private readonly connection: OrmConnection;
  private readonly open = new AsyncLocalStorage<OpenTransaction>();
  /** Number of open transactions. */
  private opened = 0;
  private lastTurn: Promise<unknown> = Promise.resolve();
  /** On a server: a transaction that waits for a lock takes no connection from readers. */
  private readonly transactions = new ConcurrencyLimiter(WRITE_CONNECTIONS, {
    maxWaitMs: MAX_CONNECTION_WAIT_MS,
  });
  /** On a server: transactions that would lock the same row wait here, without a connection. */
  private readonly turns = new ConcurrencyLimiter(1, { maxWaitMs: MAX_TURN_WAIT_MS });
  private readonly reading = new ConcurrencyLimiter(READ_CONNECTIONS, { maxWaitMs: MAX_CONNECTION_WAIT_MS });

  constructor(
    dataSource: DataSource,
    engine: DatabaseEngine,
    @Optional() @Inject(Heartbeat) private readonly heartbeat?: Heartbeat,
    @Optional() @Inject(READS) private readonly reads?: DataSource,
    @Optional() @Inject(DurableWriter) private readonly writer?: DurableWriter,
  ) {
    this.guard = engine.ormGuard(dataSource);
    this.connection = new OrmConnection(dataSource, this.guard);
  }

  /** How many transactions and reads wait for a connection or their turn. */
  get waiting(): number {
    return this.transactions.length + this.turns.length + this.reading.length;
  }

  /** All calls inside `work` commit together or not at all; a nested call joins the open transaction. */
  transaction<T>(work: () => Promise<T>): Promise<T> {
    return this.begin(work, (begin) => begin());
  }

  /** For transactions that all start by locking the same row: this process runs them one at a time. */
  transactionInTurn<T>(work: () => Promise<T>, maxMilliseconds = MAX_TRANSACTION_MS): Promise<T> {
    return this.begin(work, (begin) => this.turns.run(begin), maxMilliseconds);
  }

  private async begin<T>(
    work: () => Promise<T>,
    schedule: Schedule<T>,
    maxMilliseconds = MAX_TRANSACTION_MS,
  ): Promise<T> {
    if (this.joined()) return work();
    const committed: (() => void)[] = [];
    const run = (manager: EntityManager) => {
      committed.length = 0;
      return this.runOpen(openTransaction(manager, committed), work);
    };
    const result = await (this.heartbeat
      ? this.bounded(run, schedule, maxMilliseconds)
      : this.guarded(() => this.connection.transaction(run)));
    for (const listener of committed) listener();
    return result;
  }

  /** Whether this call is part of a transaction that has not ended. */
  get isOpen(): boolean {
    return this.joined() !== undefined;
  }

  /** Calls `finish` with all items of the open transaction, as its last step. Returns false outside a transaction. */
  collect<T>(finish: Finish<T>, items: readonly T[]): boolean {
    const collected = this.joined()?.collected;
    collected?.set(finish, [...(collected.get(finish) ?? []), ...items]);
    return collected !== undefined;
  }

  /** What the open transaction has read under this name, until it forgets it; outside a transaction nothing is kept. */
  remembered<T>(name: string, read: () => Promise<T>): Promise<T> {
    const remembered = this.joined()?.remembered;
    const known = remembered?.get(name) ?? read();
    remembered?.set(name, known);
    return known as Promise<T>;
  }

  /** For a write of what was read under this name. */
  forget(name: string): void {
    this.joined()?.remembered.delete(name);
  }

  /** Calls the listener after the open transaction has committed. */
  onCommit(listener: () => void): void {
    this.joined()?.committed.push(listener);
  }

  private bounded<T>(
    run: (manager: EntityManager) => Promise<T>,
    schedule: Schedule<T>,
    maxMilliseconds: number,
  ): Promise<T> {
    const deadline = new TransactionDeadline(this.guard, maxMilliseconds);
    const attempt = async (manager: EntityManager) => {
      await deadline.enter(manager);
      return run(manager);
    };
    const transact = () => this.connection.transaction(attempt).finally(() => deadline.leave());
    const begun = () => schedule(() => this.guarded(() => this.transactions.run(transact)));
    return deadline.bound(this.writer ? this.writer.guard(begun) : begun());
  }

  /** One repository call, inside the open transaction if there is one. */
  async query<T>(call: (manager: EntityManager) => Promise<T>): Promise<T> {
    const transaction = this.joined();
    if (transaction) return queryWithin(transaction, call);
    const { reads } = this;
    if (reads) return this.guarded(() => this.reading.run(() => call(reads.manager)));
    return this.guarded(() => this.connection.query(call));
  }

  /**
   * While an AsyncLocalStorage of this kind is enabled, Node tracks every promise of the process. It is disabled
   * after the last transaction, so that the token path does not pay for it.
   */
  private async runOpen<T>(transaction: OpenTransaction, work: () => Promise<T>): Promise<T> {
    this.opened++;
    try {
      const result = await this.open.run(transaction, async () => {
        const worked = await work();
        for (const [finish, items] of transaction.collected) await finish(items as never[]);
        return worked;
      });
      if (transaction.failure !== undefined) throw transaction.failure;
      return result;
    } finally {
      transaction.ended = true;
      this.opened--;
      if (this.opened === 0) this.open.disable();
    }
  }

  private joined(): OpenTransaction | undefined {
    const transaction = this.open.getStore();
    return transaction?.ended ? undefined : transaction;
  }

  private async guarded<T>(attempt: () => Promise<T>): Promise<T> {
    const began = performance.now();
    const until = began + MAX_LOCK_WAIT_MS;
    for (let tries = 1; ; tries++) {
      this.heartbeat?.assertReachable();
      try {
        return await this.takeTurn(attempt, began + MAX_TURN_WAIT_MS);
      } catch (error) {
        const over = performance.now() > until || tries >= this.guard.maxAttempts;
        if (!isConflict(error) || isLockWait(error) || over) throw this.storageError(error);
        await sleep(Math.random() * this.guard.maxRetryDelayMs(tries));
      }
    }
  }

  private storageError(error: unknown): unknown {
    return this.heartbeat ? this.heartbeat.storageError(error) : asStorageError(error);
  }

  private takeTurn<T>(call: () => Promise<T>, until: number): Promise<T> {
    if (!this.guard.serializes) return call();
    const turn = this.lastTurn.then(() => {
      if (performance.now() > until) throw new TemporarilyUnavailable();
      return call();
    });
    this.lastTurn = turn.catch(() => undefined);
    return turn;
  }
}

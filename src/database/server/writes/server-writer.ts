import { TemporarilyUnavailable } from '../../../protocol/unavailable.js';
import {
  type BatchObserver,
  DurableWriter,
  type InsertTarget,
  type MarkTarget,
  type Statement,
  type Write,
} from '../../durable-writer.js';
import type { Heartbeat } from '../../engine/heartbeat.js';
import { inPowersOfTwo, powerOfTwo } from '../../powers-of-two.js';
import { asStorageError, isDuplicate, isLockWait } from '../../storage-error.js';
import {
  isAppend,
  isMark,
  type PendingAppend,
  type PendingMark,
  type PendingWrite,
  WriteQueue,
} from '../../write-queue.js';
import type { PoolSize } from '../pool-size.js';
import { fitAStatement } from './statement-size.js';
import { TurnQueue } from './turn-queue.js';
import { WriteBreaker } from './write-breaker.js';
import type { WritePool } from './write-pool.js';

const CONNECTIONS = 2;
/** Maximum wait for a row lock, once in a batch and once more alone. */
const LOCK_WAIT_SECONDS = 1;
const POOL: PoolSize = {
  connections: CONNECTIONS,
  lockWaitSeconds: LOCK_WAIT_SECONDS,
  watching: { statementMs: 2000 },
};
/** Connections for writes that may wait for a lock individually; each kind of row may use only some of them. */
const SINGLE_CONNECTIONS = 3;
const SINGLE_POOL = { ...POOL, connections: SINGLE_CONNECTIONS };
const MAX_ROWS_PER_STATEMENT = 256;
/** Each leaves time for one lock wait, the second after the first. */
const LIMITS = { waitingMs: 750, totalMs: 2750 };
const SINGLE_LIMITS = { waitingMs: 2250, totalMs: 2750 };
/**
 * For this long after a lock wait, marks of that kind are set one by one, so that no batch waits for the lock again.
 */
const CAUTION_MS = 5000;

/** The rest is left to the next batch. */
const sizeOfBatch = (waiting: number): number => powerOfTwo(waiting, MAX_ROWS_PER_STATEMENT);

/**
 * Inserts waiting rows in multi-row statements, and sets marks likewise. Other writes get a transaction each, on
 * separate connections, and so does a write that met a locked row, so that no other write waits for it.
 */
export class ServerWriter extends DurableWriter {
  private readonly pool: WritePool;
  private readonly singlePool: WritePool;
  private readonly queue = new WriteQueue(
    CONNECTIONS,
    sizeOfBatch,
    (batch) => this.guard(() => this.commit(batch)),
    LIMITS,
  );
  private readonly singles = new TurnQueue(
    SINGLE_CONNECTIONS,
    (pending) => this.guard(() => this.commitAlone(pending)),
    SINGLE_LIMITS,
  );
  private readonly cautiousUntil = new Map<MarkTarget, number>();
  private readonly breaker: WriteBreaker;
  private probe: (() => readonly Statement[]) | undefined;

  constructor(
    open: (size: PoolSize) => WritePool,
    private readonly heartbeat?: Heartbeat,
  ) {
    super();
    this.pool = open(POOL);
    this.singlePool = open(SINGLE_POOL);
    this.breaker = new WriteBreaker(open, {
      statements: () => this.probe?.(),
      isReachable: () => isReachable(heartbeat),
      stalled: (failure) => {
        for (const queue of [this.queue, this.singles]) queue.rejectAll(failure);
      },
    });
  }

  override get lastFailure(): unknown {
    return this.breaker.lastFailure;
  }

  override probeWith(statements: () => readonly Statement[]): void {
    this.probe = statements;
  }

  override guard<T>(write: () => Promise<T>): Promise<T> {
    return this.breaker.guard(write);
  }

  get waiting(): number {
    return this.queue.length + this.singles.length;
  }

  observe(observer: BatchObserver): void {
    this.queue.observe(observer);
    this.singles.observe(observer);
  }

  write(write: Write): Promise<boolean> {
    const { lastFailure } = this.breaker;
    if (lastFailure !== undefined) return Promise.reject(lastFailure);
    const alone = 'statements' in write || ('mark' in write && this.isCautious(write.mark));
    return (alone ? this.singles : this.queue).add(write);
  }

  async close(): Promise<void> {
    await this.queue.idle();
    await this.singles.idle();
    this.breaker.stop();
    await this.pool.close();
    await this.singlePool.close();
  }

  private isCautious(target: MarkTarget): boolean {
    const until = this.cautiousUntil.get(target);
    return until !== undefined && performance.now() < until;
  }

  private async commit(batch: PendingWrite[]): Promise<void> {
    this.heartbeat?.assertReachable();
    const appends = batch.filter(isAppend);
    for (const target of new Set(appends.map(({ write }) => write.into))) {
      await this.append(
        target,
        appends.filter(({ write }) => write.into === target),
      );
    }
    const marks = batch.filter(isMark);
    for (const target of new Set(marks.map(({ write }) => write.mark))) {
      const same = marks.filter(({ write }) => write.mark === target);
      await this.mark(target, same).catch((error) => {
        if (isLockWait(error)) this.cautiousUntil.set(target, performance.now() + CAUTION_MS);
        this.singles.take(same);
      });
    }
  }

  private async commitAlone(pending: PendingWrite): Promise<void> {
    this.heartbeat?.assertReachable();
    const { write } = pending;
    try {
      if ('statements' in write) pending.resolve(await this.singlePool.apply(write.statements));
      else if ('mark' in write)
        pending.resolve((await this.singlePool.mark(write.mark, [write]))[0] === true);
      else {
        await this.singlePool.append(write.into, [write.row]);
        pending.resolve(true);
      }
    } catch (error) {
      pending.reject(this.storageError(error));
    }
  }

  private async append(target: InsertTarget, appends: PendingAppend[]): Promise<void> {
    for (const rows of inPowersOfTwo(appends, MAX_ROWS_PER_STATEMENT, fitAStatement)) {
      // One of the writes is faulty or waits for a lock; retried one by one, the others succeed.
      await this.appendTogether(target, rows).catch(() => this.singles.take(rows));
    }
  }

  private async mark(target: MarkTarget, marks: readonly PendingMark[]): Promise<void> {
    const writes = marks.map(({ write }) => write);
    const outcome = await this.pool.mark(target, writes).catch((error) => this.failureOfAll(error));
    marks.forEach(({ resolve, reject }, position) => {
      if (Array.isArray(outcome)) resolve(outcome[position] === true);
      else reject(outcome);
    });
  }

  private async appendTogether(target: InsertTarget, rows: readonly PendingAppend[]): Promise<void> {
    const failure = await this.pool
      .append(
        target,
        rows.map(({ write }) => write.row),
      )
      .then(
        () => undefined,
        (error) => this.failureOfAll(error),
      );
    for (const { resolve, reject } of rows) {
      if (failure === undefined) resolve(true);
      else reject(failure);
    }
  }

  /** An unreachable database takes none of them; retrying each would only delay the callers. */
  private failureOfAll(error: unknown): TemporarilyUnavailable {
    const failure = this.storageError(error);
    const concernsAll = !isLockWait(error) && !isDuplicate(error);
    if (failure instanceof TemporarilyUnavailable && concernsAll) return failure;
    throw error;
  }

  private storageError(error: unknown): unknown {
    const failure = this.heartbeat ? this.heartbeat.storageError(error) : asStorageError(error);
    this.breaker.observe(failure);
    return failure;
  }
}

function isReachable(heartbeat: Heartbeat | undefined): boolean {
  try {
    heartbeat?.assertReachable();
    return true;
  } catch {
    return false;
  }
}

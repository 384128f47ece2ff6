import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool, PoolConnection, ResultSetHeader } from 'mysql2/promise';
import { TemporarilyUnavailable } from '../protocol/unavailable.js';
import {
  type Append,
  type AppendTarget,
  appendStatement,
  DurableWriter,
  type Mark,
  type MarkTarget,
  markStatement,
  marksStatement,
  type Statement,
  type Write,
} from './durable-writer.js';
import { openMysqlPool } from './mysql.js';
import { asStorageError, isConflict } from './storage-error.js';
import { type PendingWrite, WriteQueue } from './write-queue.js';

const CONNECTIONS = 2;
const MOST_ROWS_IN_A_STATEMENT = 256;
const MOST_TRIES = 8;

type PendingAppend = PendingWrite & { write: Append };
type PendingMark = PendingWrite & { write: Mark };

/** Powers of two, so that the server prepares only a few statements; what is left over is the other connection's. */
const powerOfTwo = (waiting: number): number =>
  2 ** Math.floor(Math.log2(Math.min(waiting, MOST_ROWS_IN_A_STATEMENT)));

/**
 * Appends the rows that wait together in multi-row statements, and sets marks in the same way; other writes get a
 * transaction each.
 */
export class MysqlWriter extends DurableWriter {
  private readonly pool: Pool;
  private readonly queue = new WriteQueue(CONNECTIONS, powerOfTwo, (batch) => this.commit(batch));

  constructor(url: string) {
    super();
    this.pool = openMysqlPool(url, CONNECTIONS);
  }

  write(write: Write): Promise<boolean> {
    return this.queue.add(write);
  }

  async close(): Promise<void> {
    await this.queue.idle();
    await this.pool.end();
  }

  private async commit(batch: PendingWrite[]): Promise<void> {
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
      for (const some of inPowersOfTwo(same)) await this.markTogether(target, some);
    }
    for (const pending of batch) {
      if ('statements' in pending.write) await settle(pending, () => this.apply(statementsOf(pending.write)));
    }
  }

  private async append(target: AppendTarget, appends: PendingAppend[]): Promise<void> {
    for (const rows of inPowersOfTwo(appends)) {
      await this.appendTogether(target, rows).catch(() => this.appendEach(target, rows));
    }
  }

  /** One that did not apply leaves open which: then none of them is said to have applied. */
  private async markTogether(target: MarkTarget, marks: readonly PendingMark[]): Promise<void> {
    const [first] = marks;
    const statement =
      first && marks.length === 1
        ? markStatement(first.write)
        : marksStatement(
            target,
            marks.map(({ write }) => write),
          );
    try {
      const { affectedRows } = await this.execute(statement);
      for (const { resolve } of marks) resolve(affectedRows === marks.length);
    } catch (error) {
      for (const { reject } of marks) reject(asStorageError(error));
    }
  }

  private async appendTogether(target: AppendTarget, rows: readonly PendingAppend[]): Promise<void> {
    const statement = appendStatement(
      target,
      rows.map(({ write }) => write.row),
    );
    const failure = await this.execute(statement).then(() => undefined, asStorageError);
    // A database that is away takes none of the rows: asking again for each of them would only make the callers wait.
    if (failure !== undefined && !(failure instanceof TemporarilyUnavailable)) throw failure;
    for (const { resolve, reject } of rows) {
      if (failure === undefined) resolve(true);
      else reject(failure);
    }
  }

  /** One of the rows is at fault: its neighbours must not suffer. */
  private async appendEach(target: AppendTarget, rows: readonly PendingAppend[]): Promise<void> {
    for (const pending of rows) {
      await settle(pending, async () => {
        await this.execute(appendStatement(target, [pending.write.row]));
        return true;
      });
    }
  }

  private async execute({ sql, values }: Statement): Promise<ResultSetHeader> {
    return retried(async () => (await this.pool.execute<ResultSetHeader>(sql, [...values]))[0]);
  }

  private async apply(statements: readonly Statement[]): Promise<boolean> {
    const [first] = statements;
    if (statements.length === 1 && first) return (await this.execute(first)).affectedRows > 0;
    return retried(async () => {
      const connection = await this.pool.getConnection();
      try {
        return await inTransaction(connection, statements);
      } finally {
        connection.release();
      }
    });
  }
}

const isAppend = (pending: PendingWrite): pending is PendingAppend => 'into' in pending.write;

const isMark = (pending: PendingWrite): pending is PendingMark => 'mark' in pending.write;

const statementsOf = (write: Write): readonly Statement[] => ('statements' in write ? write.statements : []);

function* inPowersOfTwo<T>(all: readonly T[]): Generator<T[]> {
  for (let start = 0; start < all.length; ) {
    const size = powerOfTwo(all.length - start);
    yield all.slice(start, start + size);
    start += size;
  }
}

async function settle(pending: PendingWrite, apply: () => Promise<boolean>): Promise<void> {
  await apply().then(pending.resolve, (error) => pending.reject(asStorageError(error)));
}

async function inTransaction(connection: PoolConnection, statements: readonly Statement[]): Promise<boolean> {
  await connection.beginTransaction();
  try {
    for (const [position, { sql, values }] of statements.entries()) {
      const [{ affectedRows }] = await connection.execute<ResultSetHeader>(sql, [...values]);
      if (position === 0 && affectedRows === 0) {
        await connection.rollback();
        return false;
      }
    }
    await connection.commit();
    return true;
  } catch (error) {
    await connection.rollback().catch(() => connection.destroy());
    throw error;
  }
}

async function retried<T>(attempt: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await attempt();
    } catch (error) {
      if (!isConflict(error) || tries === MOST_TRIES) throw error;
      await sleep(Math.random() * 5 * 2 ** tries);
    }
  }
}

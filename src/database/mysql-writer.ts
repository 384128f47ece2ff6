import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool, PoolConnection, ResultSetHeader } from 'mysql2/promise';
import { TemporarilyUnavailable } from '../protocol/unavailable.js';
import {
  type AppendTarget,
  appendStatement,
  DurableWriter,
  type SqlValue,
  type Statement,
  type Write,
} from './durable-writer.js';
import { openMysqlPool } from './mysql.js';
import { asStorageError, isConflict } from './storage-error.js';
import { type PendingWrite, WriteQueue } from './write-queue.js';

const CONNECTIONS = 2;
const MOST_ROWS_IN_A_STATEMENT = 256;
const MOST_TRIES = 8;

type Append = PendingWrite & { write: { into: AppendTarget; row: readonly SqlValue[] } };

/** Appends the rows that wait together in multi-row statements; other writes get a transaction each. */
export class MysqlWriter extends DurableWriter {
  private readonly pool: Pool;
  private readonly queue = new WriteQueue(CONNECTIONS, MOST_ROWS_IN_A_STATEMENT, (batch) =>
    this.commit(batch),
  );

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
    for (const pending of batch) {
      if (!isAppend(pending)) await settle(pending, () => this.apply(statementsOf(pending.write)));
    }
  }

  /** Sizes are powers of two, so that the server prepares only a few statements. */
  private async append(target: AppendTarget, appends: Append[]): Promise<void> {
    for (let start = 0; start < appends.length; ) {
      const size = 2 ** Math.floor(Math.log2(appends.length - start));
      const rows = appends.slice(start, start + size);
      start += size;
      await this.appendTogether(target, rows).catch(() => this.appendEach(target, rows));
    }
  }

  private async appendTogether(target: AppendTarget, rows: readonly Append[]): Promise<void> {
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
  private async appendEach(target: AppendTarget, rows: readonly Append[]): Promise<void> {
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

const isAppend = (pending: PendingWrite): pending is Append => 'into' in pending.write;

const statementsOf = (write: Write): readonly Statement[] => ('into' in write ? [] : write.statements);

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

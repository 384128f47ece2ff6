import type { Pool, PoolConnection, ResultSetHeader } from 'mysql2/promise';
import { TemporarilyUnavailable } from '../protocol/unavailable.js';
import {
  type AppendTarget,
  appendStatement,
  DurableWriter,
  type MarkTarget,
  type SqlValue,
  type Statement,
  type Write,
} from './durable-writer.js';
import { openMysqlPool } from './mysql.js';
import { MOST_ROWS_IN_A_STATEMENT, markTogether } from './mysql-marks.js';
import type { MysqlPulse } from './mysql-pulse.js';
import { inTransaction, retried } from './mysql-transaction.js';
import { inPowersOfTwo, powerOfTwo } from './powers-of-two.js';
import { asStorageError, isDuplicate, isLockWait } from './storage-error.js';
import {
  isAppend,
  isMark,
  type PendingAppend,
  type PendingMark,
  type PendingWrite,
  WriteQueue,
} from './write-queue.js';

const CONNECTIONS = 2;
/** Many tokens wait behind a row that somebody else holds; the server's own 50 seconds outlast their callers. */
const LONGEST_LOCK_WAIT_SECONDS = 2;
const MOST_WAITS_IN_VAIN = 2;
/** Scopes may be long: a server closes the connection on a statement above its max_allowed_packet. */
const LARGEST_STATEMENT_BYTES = 512 * 1024;
/** UTF-8 for one unit of UTF-16. */
const MOST_BYTES_OF_A_UNIT = 3;

/** What is left over is the next batch's. */
const sizeOfBatch = (waiting: number): number => powerOfTwo(waiting, MOST_ROWS_IN_A_STATEMENT);

/**
 * Appends the rows that wait together in multi-row statements, and sets marks in the same way; other writes get a
 * transaction each.
 */
export class MysqlWriter extends DurableWriter {
  private readonly pool: Pool;
  private readonly queue = new WriteQueue(CONNECTIONS, sizeOfBatch, (batch) => this.commit(batch));

  constructor(
    url: string,
    private readonly pulse: MysqlPulse | undefined,
  ) {
    super();
    this.pool = openMysqlPool(url, CONNECTIONS, pulse);
    this.pool.pool.on('connection', (connection) => {
      connection.query(`SET SESSION innodb_lock_wait_timeout = ${LONGEST_LOCK_WAIT_SECONDS}`, () => {});
    });
  }

  write(write: Write): Promise<boolean> {
    return this.queue.add(write);
  }

  async close(): Promise<void> {
    await this.queue.idle();
    await this.pool.end();
  }

  private async commit(batch: PendingWrite[]): Promise<void> {
    this.pulse?.expect();
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
      await this.mark(target, same).catch(() =>
        eachAlone(same, async ({ write }) => (await markTogether(this.pool, target, [write]))[0] === true),
      );
    }
    for (const pending of batch) {
      const { write } = pending;
      if ('statements' in write) await eachAlone([pending], () => this.apply(write.statements));
    }
  }

  private async append(target: AppendTarget, appends: PendingAppend[]): Promise<void> {
    for (const rows of inPowersOfTwo(appends, MOST_ROWS_IN_A_STATEMENT, fitAStatement)) {
      await this.appendTogether(target, rows).catch(() =>
        eachAlone(rows, async ({ write }) => {
          await this.execute(appendStatement(target, [write.row]));
          return true;
        }),
      );
    }
  }

  private async mark(target: MarkTarget, marks: readonly PendingMark[]): Promise<void> {
    const writes = marks.map(({ write }) => write);
    const outcome = await markTogether(this.pool, target, writes).catch(storageFailure);
    marks.forEach(({ resolve, reject }, position) => {
      if (Array.isArray(outcome)) resolve(outcome[position] === true);
      else reject(outcome);
    });
  }

  private async appendTogether(target: AppendTarget, rows: readonly PendingAppend[]): Promise<void> {
    const statement = appendStatement(
      target,
      rows.map(({ write }) => write.row),
    );
    const failure = await this.execute(statement).then(() => undefined, storageFailure);
    for (const { resolve, reject } of rows) {
      if (failure === undefined) resolve(true);
      else reject(failure);
    }
  }

  private async execute({ sql, values }: Statement): Promise<ResultSetHeader> {
    return retried(async () => (await this.pool.execute<ResultSetHeader>(sql, [...values]))[0]);
  }

  private async apply(statements: readonly Statement[]): Promise<boolean> {
    const [first] = statements;
    if (statements.length === 1 && first) return (await this.execute(first)).affectedRows > 0;
    return inTransaction(this.pool, (connection) => applyAll(connection, statements));
  }
}

const fitAStatement = (appends: readonly PendingAppend[]): boolean =>
  appends.reduce((bytes, { write }) => bytes + mostBytesOf(write.row), 0) <= LARGEST_STATEMENT_BYTES;

function mostBytesOf(row: readonly SqlValue[]): number {
  let bytes = 0;
  for (const value of row) bytes += typeof value === 'string' ? MOST_BYTES_OF_A_UNIT * value.length : 8;
  return bytes;
}

/** A database that is away takes none of them: asking again for each would only make the callers wait. */
function storageFailure(error: unknown): TemporarilyUnavailable {
  const failure = asStorageError(error);
  const concernsAll = !isLockWait(error) && !isDuplicate(error);
  if (failure instanceof TemporarilyUnavailable && concernsAll) return failure;
  throw failure;
}

/**
 * One of them is at fault, or behind a lock: its neighbours must not suffer. Behind many locks nobody waits for each of
 * them in turn.
 */
async function eachAlone<P extends PendingWrite>(
  all: readonly P[],
  apply: (one: P) => Promise<boolean>,
): Promise<void> {
  const inVain: unknown[] = [];
  for (const one of all) {
    if (inVain.length === MOST_WAITS_IN_VAIN) one.reject(asStorageError(inVain[0]));
    else
      await apply(one).then(one.resolve, (error) => {
        if (isLockWait(error)) inVain.push(error);
        one.reject(asStorageError(error));
      });
  }
}

async function applyAll(connection: PoolConnection, statements: readonly Statement[]): Promise<boolean> {
  for (const [position, { sql, values }] of statements.entries()) {
    const [{ affectedRows }] = await connection.execute<ResultSetHeader>(sql, [...values]);
    if (position === 0 && affectedRows === 0) return false;
  }
  return true;
}

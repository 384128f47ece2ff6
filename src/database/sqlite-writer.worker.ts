import { parentPort, workerData } from 'node:worker_threads';
import { type AlikeRows, alikeSql } from './alike-rows.js';
import { inARow, type MarkTarget, markSql, type SqlValue, type Statement } from './durable-writer.js';
import { inPowersOfTwo } from './powers-of-two.js';
import { openSqlite, SQLITE_BUSY_TIMEOUT_MILLISECONDS, SqliteStatements, waitAtMost } from './sqlite.js';
import { isConflict } from './storage-error.js';

/** Writes that share a transaction: rows by table, marks (value and keys) with their notes, then everything else. */
export interface SqliteBatch {
  appends: readonly AlikeRows[];
  marks: readonly { mark: MarkTarget; values: readonly (readonly SqlValue[])[]; notes: AlikeRows }[];
  others: readonly (readonly Statement[])[];
}

/** What became of one write: whether it applied, or the driver's error. */
export type WriteOutcome = boolean | { code: string; message: string };

const MOST_ROWS_IN_A_STATEMENT = 32;
/** A lock that is free for a moment can also be had by who looks less often. */
const MOST_BETWEEN_TRIES_MILLISECONDS = 2;

const connection = openSqlite(workerData.file as string);
waitAtMost(connection, 0);
const never = new Int32Array(new SharedArrayBuffer(4));
const prepared = new SqliteStatements((sql) => connection.prepare(sql));

parentPort?.on('message', (batch: SqliteBatch | 'close') => {
  if (batch === 'close') {
    connection.close();
    process.exit(0);
  }
  parentPort?.postMessage(commit(batch));
});

/**
 * One transaction for the whole batch; when that fails, one for each write, so that only the faulty one suffers.
 * Answers nothing when every write applied.
 */
function commit(batch: SqliteBatch): WriteOutcome[] | undefined {
  try {
    return inTransaction(() => applyTogether(batch));
  } catch (error) {
    const each = alone(batch);
    // Another process holds the database: each write by itself would only wait as long again.
    if (isConflict(error)) return each.map(() => failed(error));
    return each.map((statements) => {
      try {
        return inTransaction(() => apply(statements));
      } catch (cause) {
        return failed(cause);
      }
    });
  }
}

function applyTogether(batch: SqliteBatch): WriteOutcome[] | undefined {
  let appended = 0;
  for (const rows of batch.appends) {
    appendAll(rows);
    appended += rows.own.length;
  }
  const applied = [...batch.marks.flatMap(markAll), ...batch.others.map(apply)];
  return applied.every(Boolean) ? undefined : [...new Array<boolean>(appended).fill(true), ...applied];
}

function markAll({ mark, values, notes }: SqliteBatch['marks'][number]): boolean[] {
  const statement = prepared.of(markSql(mark));
  const applied = values.map((one) => statement.run(one).changes > 0);
  appendAll({ ...notes, own: notes.own.filter((_note, position) => applied[position]) });
  return applied;
}

function appendAll(rows: AlikeRows): void {
  for (const own of inPowersOfTwo(rows.own, MOST_ROWS_IN_A_STATEMENT)) {
    const { sql, values } = statementOf({ ...rows, own });
    prepared.of(sql).run(values);
  }
}

const statementOf = ({ into, shared, own }: AlikeRows): Statement => ({
  sql: alikeSql(into, shared.length, own.length),
  values: inARow([shared, ...own]),
});

const eachOf = (rows: AlikeRows): Statement[] => rows.own.map((one) => statementOf({ ...rows, own: [one] }));

const alone = ({ appends, marks, others }: SqliteBatch): (readonly Statement[])[] => [
  ...appends.flatMap((rows) => eachOf(rows).map((statement) => [statement])),
  ...marks.flatMap(({ mark, values, notes }) => {
    const noting = eachOf(notes);
    return values.map((one, position) => [
      { sql: markSql(mark), values: one },
      noting[position] as Statement,
    ]);
  }),
  ...others,
];

function failed(cause: unknown): WriteOutcome {
  const { code = '', message = '' } = cause as { code?: string; message?: string };
  return { code, message };
}

function inTransaction<T>(work: () => T): T {
  begin();
  try {
    const result = work();
    connection.exec('COMMIT');
    return result;
  } catch (error) {
    try {
      connection.exec('ROLLBACK');
    } catch {
      // SQLite has rolled back by itself, as it does when the disk is full.
    }
    throw error;
  }
}

/** Waits while another process writes. */
function begin(): void {
  const until = performance.now() + SQLITE_BUSY_TIMEOUT_MILLISECONDS;
  for (;;) {
    try {
      connection.exec('BEGIN IMMEDIATE');
      return;
    } catch (error) {
      if (!isConflict(error) || performance.now() > until) throw error;
      Atomics.wait(never, 0, 0, Math.random() * MOST_BETWEEN_TRIES_MILLISECONDS);
    }
  }
}

function apply(statements: readonly Statement[]): boolean {
  for (const [position, { sql, values }] of statements.entries()) {
    const { changes } = prepared.of(sql).run(values);
    if (position === 0 && changes === 0) return false;
  }
  return true;
}

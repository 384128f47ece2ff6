import { parentPort, workerData } from 'node:worker_threads';
import { flattenValues, type MarkTarget, markSql, type SqlValue, type Statement } from '../durable-writer.js';
import { inPowersOfTwo } from '../powers-of-two.js';
import { isConflict } from '../storage-error.js';
import { type FactoredRows, factoredSql } from './factored-rows.js';
import { SqliteStatements } from './sqlite.js';
import { SqliteTransactions } from './sqlite-transactions.js';

/** Writes that share a transaction: rows by table, marks (value and keys) with their outbox rows, then all others. */
export interface SqliteBatch {
  appends: readonly FactoredRows[];
  marks: readonly { mark: MarkTarget; values: readonly (readonly SqlValue[])[]; notes: FactoredRows }[];
  others: readonly (readonly Statement[])[];
  /** How long the transaction may wait for another process's lock. */
  waitMilliseconds: number;
}

/** The outcome of one write: whether it applied, or the driver's error. */
export type WriteOutcome = boolean | { code: string; message: string };

export interface BatchAnswer {
  /** Absent if every write applied. */
  outcomes?: WriteOutcome[] | undefined;
  /** Why the connection, and its thread, must not be used again. */
  unusable?: { code: string; message: string } | undefined;
}

const MAX_ROWS_PER_STATEMENT = 32;

const transactions = new SqliteTransactions(workerData.file as string);
const prepared = new SqliteStatements((sql) => transactions.connection.prepare(sql));

parentPort?.on('message', (batch: SqliteBatch | 'close' | 'discard') => {
  if (batch === 'close') transactions.close();
  // Without closing: ending the thread releases every lock, even if a statement is unfinished.
  if (batch === 'close' || batch === 'discard') process.exit(0);
  parentPort?.postMessage(answerTo(batch));
});

function answerTo(batch: SqliteBatch): BatchAnswer {
  const outcomes = commit(batch);
  const { failure } = transactions;
  return failure === undefined ? { outcomes } : { outcomes, unusable: failed(failure) };
}

/**
 * One transaction for the whole batch; if it fails, one for each write, so that only the faulty one fails. Returns
 * undefined if every write applied.
 */
function commit(batch: SqliteBatch): WriteOutcome[] | undefined {
  try {
    return transactions.run(batch.waitMilliseconds, () => applyTogether(batch));
  } catch (error) {
    const each = alone(batch);
    // Individual transactions would only wait again, or fail too.
    if (isConflict(error) || transactions.failure !== undefined) return each.map(() => failed(error));
    return each.map((statements) => {
      if (transactions.failure !== undefined) return failed(transactions.failure);
      try {
        return transactions.run(batch.waitMilliseconds, () => apply(statements));
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

function appendAll(rows: FactoredRows): void {
  for (const own of inPowersOfTwo(rows.own, MAX_ROWS_PER_STATEMENT)) {
    const { sql, values } = statementOf({ ...rows, own });
    prepared.of(sql).run(values);
  }
}

const statementOf = ({ into, shared, own }: FactoredRows): Statement => ({
  sql: factoredSql(into, shared.length, own.length),
  values: flattenValues([shared, ...own]),
});

const eachOf = (rows: FactoredRows): Statement[] =>
  rows.own.map((one) => statementOf({ ...rows, own: [one] }));

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

function failed(cause: unknown): { code: string; message: string } {
  const { code = '', message = '' } = cause as { code?: string; message?: string };
  return { code, message };
}

function apply(statements: readonly Statement[]): boolean {
  for (const [position, { sql, values }] of statements.entries()) {
    const { changes } = prepared.of(sql).run(values);
    if (position === 0 && changes === 0) return false;
  }
  return true;
}

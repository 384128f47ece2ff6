import { parentPort, workerData } from 'node:worker_threads';
import type { Statement } from './durable-writer.js';
import { openSqlite, type SqliteStatement } from './sqlite.js';
import { isConflict } from './storage-error.js';

/** What became of one write: whether it applied, or the driver's error. */
export type WriteOutcome = { applied: boolean } | { error: { code: string; message: string } };

const connection = openSqlite(workerData.file as string);
const prepared = new Map<string, SqliteStatement>();

parentPort?.on('message', (batch: readonly (readonly Statement[])[] | 'close') => {
  if (batch === 'close') {
    connection.close();
    process.exit(0);
  }
  parentPort?.postMessage(commit(batch));
});

/** One transaction for the whole batch; when that fails, one for each write, so that only the faulty one suffers. */
function commit(batch: readonly (readonly Statement[])[]): WriteOutcome[] {
  try {
    return inTransaction(() => batch.map((statements) => ({ applied: apply(statements) })));
  } catch (error) {
    // Another process holds the database: each write by itself would only wait as long again.
    if (isConflict(error)) return batch.map(() => failed(error));
    return batch.map((statements) => {
      try {
        return { applied: inTransaction(() => apply(statements)) };
      } catch (cause) {
        return failed(cause);
      }
    });
  }
}

function failed(cause: unknown): WriteOutcome {
  const { code = '', message = '' } = cause as { code?: string; message?: string };
  return { error: { code, message } };
}

function inTransaction<T>(work: () => T): T {
  connection.exec('BEGIN IMMEDIATE');
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

function apply(statements: readonly Statement[]): boolean {
  for (const [position, { sql, values }] of statements.entries()) {
    const { changes } = prepare(sql).run(...values);
    if (position === 0 && changes === 0) return false;
  }
  return true;
}

function prepare(sql: string): SqliteStatement {
  let statement = prepared.get(sql);
  if (!statement) {
    statement = connection.prepare(sql);
    prepared.set(sql, statement);
  }
  return statement;
}

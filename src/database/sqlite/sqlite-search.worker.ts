import { parentPort, workerData } from 'node:worker_threads';
import type { Statement } from '../durable-writer.js';
import { isStorageError } from '../storage-error.js';
import { reopenSqlite, type SqliteConnection } from './sqlite.js';

/** The rows of a search, or the driver's error. */
export type SearchOutcome = { rows: Record<string, unknown>[] } | { code: string; message: string };

let connection: SqliteConnection | undefined;

parentPort?.on('message', (statement: Statement | 'close') => {
  if (statement === 'close') {
    connection?.close();
    process.exit(0);
  }
  parentPort?.postMessage(run(statement));
});

function run({ sql, values }: Statement): SearchOutcome {
  try {
    connection ??= reopenSqlite(workerData.file as string);
    return { rows: connection.prepare(sql).all(...values) };
  } catch (cause) {
    if (isStorageError(cause)) connection = undefined;
    const { code = '', message = '' } = cause as { code?: string; message?: string };
    return { code, message };
  }
}

import { parentPort, workerData } from 'node:worker_threads';
import type { Statement } from '../durable-writer.js';
import { isStorageError } from '../storage-error.js';
import { openSqliteSearch, type SqliteSearchConnection } from './sqlite.js';

/** The rows of a search, or the driver's error. */
export type SearchOutcome = { rows: Record<string, unknown>[] } | { code: string; message: string };

export interface SearchThreadData {
  file: string;
  /** Of one statement. */
  maxMilliseconds: number;
}

const { file, maxMilliseconds } = workerData as SearchThreadData;
let connection: SqliteSearchConnection | undefined;
let last: Promise<void> = Promise.resolve();

parentPort?.on('message', (statement: Statement | 'close') => {
  last = last.then(async () => {
    if (statement !== 'close') return parentPort?.postMessage(await run(statement));
    connection?.close();
    process.exit(0);
  });
});

/** The driver's thread computes all rows in one step, the only one that can be interrupted. */
const inOneStep = (sql: string) => `WITH found AS MATERIALIZED (${sql}) SELECT * FROM found`;

async function run({ sql, values }: Statement): Promise<SearchOutcome> {
  try {
    connection ??= openSqliteSearch(file);
    const statement = await connection.prepare(inOneStep(sql));
    const limit = setTimeout(() => connection?.interrupt(), maxMilliseconds);
    try {
      return { rows: await statement.all(...values) };
    } finally {
      clearTimeout(limit);
    }
  } catch (cause) {
    if (isStorageError(cause)) connection = undefined;
    const { code = '', message = '' } = cause as { code?: string; message?: string };
    return { code, message };
  }
}

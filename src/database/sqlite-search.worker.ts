import { parentPort, workerData } from 'node:worker_threads';
import type { Statement } from './durable-writer.js';
import { openSqlite } from './sqlite.js';

/** The rows of a search, or the driver's error. */
export type SearchOutcome = { rows: Record<string, unknown>[] } | { code: string; message: string };

const connection = openSqlite(workerData.file as string);

parentPort?.on('message', (statement: Statement | 'close') => {
  if (statement === 'close') {
    connection.close();
    process.exit(0);
  }
  parentPort?.postMessage(run(statement));
});

function run({ sql, values }: Statement): SearchOutcome {
  try {
    return { rows: connection.prepare(sql).all(...values) };
  } catch (cause) {
    const { code = '', message = '' } = cause as { code?: string; message?: string };
    return { code, message };
  }
}

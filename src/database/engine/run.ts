import type { Row } from '../batch-loader.js';
import type { SqlValue } from '../durable-writer.js';

/** Runs one statement; resolves to the rows of a SELECT. */
export type Run = (sql: string, values: readonly SqlValue[]) => Promise<Row[]>;

import type { Row } from '../batch-loader.js';
import type { Statement } from '../durable-writer.js';

/** Runs one statement of a search; the caller holds a lane. */
export interface SearchEngine {
  run(statement: Statement): Promise<Row[]>;
  close(): Promise<void>;
}

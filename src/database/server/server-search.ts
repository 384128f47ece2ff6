import type { Row } from '../batch-loader.js';
import type { Statement } from '../durable-writer.js';
import type { Heartbeat } from '../engine/heartbeat.js';
import type { SearchEngine } from '../engine/search-engine.js';
import { SearchTimeout } from '../search/search-timeout.js';
import { asStorageError } from '../storage-error.js';

/** A dedicated connection for searches, opened on first use; the server ends a statement that takes too long. */
export interface SearchPool {
  rows(statement: Statement): Promise<Row[]>;
  /** Whether the server has ended the statement. */
  isTimeout(error: unknown): boolean;
  close(): Promise<void>;
}

export class ServerSearch implements SearchEngine {
  constructor(
    private readonly pool: SearchPool,
    private readonly heartbeat?: Heartbeat,
  ) {}

  async run(statement: Statement): Promise<Row[]> {
    this.heartbeat?.assertReachable();
    try {
      return await this.pool.rows(statement);
    } catch (error) {
      if (this.pool.isTimeout(error)) throw new SearchTimeout(error);
      throw this.heartbeat ? this.heartbeat.storageError(error) : asStorageError(error);
    }
  }

  close(): Promise<void> {
    return this.pool.close();
  }
}

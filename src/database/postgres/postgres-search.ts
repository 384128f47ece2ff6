import type { Row } from '../batch-loader.js';
import type { Statement } from '../durable-writer.js';
import type { Heartbeat } from '../engine/heartbeat.js';
import type { SearchEngine } from '../engine/search-engine.js';
import { MAX_SEARCH_MILLISECONDS, SearchTimeout } from '../search/search-timeout.js';
import type { PoolSize } from '../server/pool-size.js';
import { asStorageError } from '../storage-error.js';
import type { PostgresPool } from './postgres-pool.js';
import { inTransaction } from './postgres-transaction.js';

const QUERY_CANCELED = '57014';

/** A connection that does not answer is abandoned before the caller is told, so that the next search uses another one. */
const POOL: PoolSize = { connections: 1, watching: { statementMs: MAX_SEARCH_MILLISECONDS - 300 } };

/** Searches on a dedicated connection, opened on first use. */
export class PostgresSearch implements SearchEngine {
  private readonly pool: PostgresPool;

  constructor(
    open: (size: PoolSize) => PostgresPool,
    private readonly heartbeat?: Heartbeat,
  ) {
    this.pool = open(POOL);
  }

  async run(statement: Statement): Promise<Row[]> {
    this.heartbeat?.assertReachable();
    try {
      const [found] = (await inTransaction(this.pool, [statement])) ?? [];
      return found?.rows ?? [];
    } catch (error) {
      if ((error as { code?: unknown }).code === QUERY_CANCELED) throw new SearchTimeout(error);
      throw this.heartbeat ? this.heartbeat.storageError(error) : asStorageError(error);
    }
  }

  close(): Promise<void> {
    return this.pool.close();
  }
}

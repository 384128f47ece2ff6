import type { Row } from '../batch-loader.js';
import type { Statement } from '../durable-writer.js';
import { MAX_SEARCH_MILLISECONDS } from '../search/search-timeout.js';
import type { PoolSize } from '../server/pool-size.js';
import type { SearchPool } from '../server/server-search.js';
import type { PostgresPool } from './postgres-pool.js';
import { inTransaction } from './postgres-transaction.js';

const QUERY_CANCELED = '57014';

/** A connection that does not answer is abandoned before the caller gets its answer, so that the next search uses another one. */
const POOL: PoolSize = { connections: 1, watching: { statementMs: MAX_SEARCH_MILLISECONDS - 300 } };

export class PostgresSearchPool implements SearchPool {
  private readonly pool: PostgresPool;

  constructor(open: (size: PoolSize) => PostgresPool) {
    this.pool = open(POOL);
  }

  async rows(statement: Statement): Promise<Row[]> {
    const [found] = (await inTransaction(this.pool, [statement])) ?? [];
    return found?.rows ?? [];
  }

  isTimeout(error: unknown): boolean {
    return (error as { code?: unknown }).code === QUERY_CANCELED;
  }

  close(): Promise<void> {
    return this.pool.close();
  }
}

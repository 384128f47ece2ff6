import type { Pool } from 'mysql2/promise';
import type { Row } from '../batch-loader.js';
import type { Statement } from '../durable-writer.js';
import { MAX_SEARCH_MILLISECONDS } from '../search/search-timeout.js';
import type { PoolSize } from '../server/pool-size.js';
import type { SearchPool } from '../server/server-search.js';

/** MariaDB executes the first comment (seconds) and skips the second; MySQL does the reverse (milliseconds). */
const LIMIT_STATEMENTS = `SET SESSION /*M!100000 max_statement_time = ${MAX_SEARCH_MILLISECONDS / 1000} */
  /*!50708 max_execution_time = ${MAX_SEARCH_MILLISECONDS} */`;

/** ER_STATEMENT_TIMEOUT of MariaDB, ER_QUERY_TIMEOUT of MySQL. */
const TIMEOUT_ERRORS = new Set([1969, 3024]);

/** Longer than the server's own limit: a connection that replies within it is still usable. */
const POOL: PoolSize = { connections: 1, watching: { statementMs: MAX_SEARCH_MILLISECONDS + 200 } };

export class MysqlSearchPool implements SearchPool {
  private readonly pool: Pool;

  constructor(open: (size: PoolSize) => Pool) {
    this.pool = open(POOL);
    // A connection error surfaces in the statement queued behind this one.
    this.pool.pool.on('connection', (connection) => connection.query(LIMIT_STATEMENTS, () => undefined));
  }

  async rows({ sql, values }: Statement): Promise<Row[]> {
    return (await this.pool.query(sql, [...values]))[0] as Row[];
  }

  isTimeout(error: unknown): boolean {
    return TIMEOUT_ERRORS.has((error as { errno?: number }).errno ?? 0);
  }

  async close(): Promise<void> {
    await this.pool.end();
  }
}

import type { Pool } from 'mysql2/promise';
import type { Row } from '../batch-loader.js';
import type { Statement } from '../durable-writer.js';
import type { Heartbeat } from '../engine/heartbeat.js';
import type { SearchEngine } from '../engine/search-engine.js';
import { MAX_SEARCH_MILLISECONDS, SearchTimeout } from '../search/search-timeout.js';
import type { PoolSize } from '../server/pool-size.js';
import { asStorageError } from '../storage-error.js';

/** MariaDB executes the first comment (seconds) and skips the second; MySQL does the reverse (milliseconds). */
const LIMIT_STATEMENTS = `SET SESSION /*M!100000 max_statement_time = ${MAX_SEARCH_MILLISECONDS / 1000} */
  /*!50708 max_execution_time = ${MAX_SEARCH_MILLISECONDS} */`;

/** ER_STATEMENT_TIMEOUT of MariaDB, ER_QUERY_TIMEOUT of MySQL. */
const TIMEOUT_ERRORS = new Set([1969, 3024]);

/** Longer than the server's own limit: a connection that replies within it is still usable. */
const POOL = { connections: 1, watching: { statementMs: MAX_SEARCH_MILLISECONDS + 200 } };

/** Searches on a dedicated connection, opened on first use; the server ends a statement that takes too long. */
export class MysqlSearch implements SearchEngine {
  private readonly pool: Pool;

  constructor(
    open: (size: PoolSize) => Pool,
    private readonly heartbeat?: Heartbeat,
  ) {
    this.pool = open(POOL);
    // A connection error surfaces in the statement queued behind this one.
    this.pool.pool.on('connection', (connection) => connection.query(LIMIT_STATEMENTS, () => undefined));
  }

  async run({ sql, values }: Statement): Promise<Row[]> {
    this.heartbeat?.assertReachable();
    try {
      const [rows] = await this.pool.query(sql, [...values]);
      return rows as Row[];
    } catch (error) {
      if (TIMEOUT_ERRORS.has((error as { errno?: number }).errno ?? 0)) throw new SearchTimeout(error);
      throw this.heartbeat ? this.heartbeat.storageError(error) : asStorageError(error);
    }
  }

  async close(): Promise<void> {
    await this.pool.end();
  }
}

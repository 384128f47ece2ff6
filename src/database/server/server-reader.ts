import { ConcurrencyLimiter } from '../../runtime/concurrency-limiter.js';
import { type BatchFn, type Lookup, loadInOneQuery, type Row, type Values } from '../batch-loader.js';
import type { SqlValue, Statement } from '../durable-writer.js';
import type { Heartbeat } from '../engine/heartbeat.js';
import { RowReader } from '../row-reader.js';
import { asStorageError } from '../storage-error.js';
import type { PoolSize } from './pool-size.js';

const CONNECTIONS = 4;
const POOL: PoolSize = { connections: CONNECTIONS, watching: { statementMs: 1500 } };
/** Together with the statement timeout, less than three seconds. */
const MAX_WAIT_MS = 1000;

/** Connections for reads. */
export interface ReadPool {
  rows(statement: Statement): Promise<Row[]>;
  /** Each row as its columns in order. */
  values(statement: Statement): Promise<Values[]>;
  close(): Promise<void>;
}

/** Concurrent lookups share a query. */
export class ServerReader extends RowReader {
  private readonly pool: ReadPool;
  private readonly limiter = new ConcurrencyLimiter(CONNECTIONS, { maxWaitMs: MAX_WAIT_MS });

  constructor(
    open: (size: PoolSize) => ReadPool,
    private readonly heartbeat?: Heartbeat,
  ) {
    super();
    this.pool = open(POOL);
  }

  read(sql: string, values: readonly SqlValue[]): Promise<Row[]> {
    return this.attempt(() => this.pool.rows({ sql, values }));
  }

  readValues(sql: string, values: readonly SqlValue[]): Promise<Values[]> {
    return this.attempt(() => this.pool.values({ sql, values }));
  }

  async close(): Promise<void> {
    await this.pool.close();
  }

  protected batchFnOf(lookup: Lookup): BatchFn<Values | undefined> {
    return loadInOneQuery(lookup, (sql, keys) => this.readValues(sql, keys));
  }

  private async attempt<T>(read: () => Promise<T>): Promise<T> {
    this.heartbeat?.assertReachable();
    try {
      return await this.limiter.run(read);
    } catch (error) {
      throw this.heartbeat ? this.heartbeat.storageError(error) : asStorageError(error);
    }
  }
}

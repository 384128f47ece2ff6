import {
  type BatchFn,
  BatchLoader,
  type Lookup,
  loadAllInOneQuery,
  type Row,
  type RowsLookup,
  type Values,
} from './batch-loader.js';
import type { SqlValue } from './durable-writer.js';

export type { Lookup, Row, RowsLookup, Values } from './batch-loader.js';

/** Reads committed rows with raw SQL, without TypeORM, for the hot paths. */
export abstract class RowReader {
  private readonly queues = new Map<Lookup, BatchLoader<Values | undefined>>();
  private readonly allQueues = new Map<RowsLookup, BatchLoader<readonly Values[]>>();

  abstract read(sql: string, values: readonly SqlValue[]): Promise<Row[]>;

  /** The rows as lists of values, which are cheaper than objects. */
  abstract readValues(sql: string, values: readonly SqlValue[]): Promise<Values[]>;

  /** One row by its key. The query starts after this call, so it sees everything committed before. */
  find(lookup: Lookup, key: string): Promise<Values | undefined> {
    let queue = this.queues.get(lookup);
    if (!queue) {
      queue = new BatchLoader(this.batchFnOf(lookup));
      this.queues.set(lookup, queue);
    }
    return queue.find(key);
  }

  /** All rows of a key that is not unique; the query starts after this call. */
  findAll(lookup: RowsLookup, key: string): Promise<readonly Values[]> {
    let queue = this.allQueues.get(lookup);
    if (!queue) {
      queue = new BatchLoader(loadAllInOneQuery(lookup, (sql, keys) => this.readValues(sql, keys)));
      this.allQueues.set(lookup, queue);
    }
    return queue.find(key);
  }

  abstract close(): Promise<void>;

  protected abstract batchFnOf(lookup: Lookup): BatchFn<Values | undefined>;
}

import type { InsertTarget, Mark, MarkTarget, SqlValue, Statement } from '../../durable-writer.js';

/**
 * Connections for writes. Each call is one transaction, flushed to disk when it resolves, and is repeated after a
 * conflict with another one.
 */
export interface WritePool {
  append(target: InsertTarget, rows: readonly (readonly SqlValue[])[]): Promise<void>;
  /** Returns for each mark whether it was set; of several for one row, the first is set. */
  mark(target: MarkTarget, marks: readonly Mark[]): Promise<boolean[]>;
  /** Resolves to false, without any change, if the first statement changes no row. */
  apply(statements: readonly Statement[]): Promise<boolean>;
  close(): Promise<void>;
}

export type SqlValue = string | number | null;

export interface Statement {
  sql: string;
  values: readonly SqlValue[];
}

/** Where rows are appended; one object per table, so that rows for the same table can travel in one statement. */
export interface AppendTarget {
  table: string;
  columns: readonly string[];
}

/** A row to append, or statements that apply whole or not at all: none of them when the first changes no row. */
export type Write = { into: AppendTarget; row: readonly SqlValue[] } | { statements: readonly Statement[] };

/**
 * Writes that are flushed to disk when their promise resolves. Writes that come together share one transaction, and
 * a write that fails does not take its neighbours with it.
 */
export abstract class DurableWriter {
  /** Answers whether the write applied: false when its first statement changed no row. */
  abstract write(write: Write): Promise<boolean>;

  /** Waits for what is under way, then lets go of the connection. */
  abstract close(): Promise<void>;
}

export function appendStatement(target: AppendTarget, rows: readonly (readonly SqlValue[])[]): Statement {
  const tuple = `(${target.columns.map(() => '?').join(', ')})`;
  return {
    sql: `INSERT INTO ${target.table} (${target.columns.join(', ')}) VALUES ${rows.map(() => tuple).join(', ')}`,
    values: rows.flat(),
  };
}

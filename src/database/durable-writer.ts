export type SqlValue = string | number | null;

export interface Statement {
  sql: string;
  values: readonly SqlValue[];
}

/** A placeholder for each value. */
export const places = (values: readonly unknown[]): string => values.map(() => '?').join(', ');

/**
 * The last condition of a DELETE: these primary keys. If it names many rows of a small table, MySQL scans the table
 * and waits for every row that another session has locked. ORDER BY and LIMIT make it use the primary key, unless
 * nearly all rows are named. SQLite reads that part as a comment.
 */
export const byPrimaryKeys = (primary: string, keys: readonly unknown[]): string =>
  `${primary} IN (${places(keys)}) /*! ORDER BY ${primary} LIMIT ${keys.length} */`;

/** Follows the table of an UPDATE by primary keys, for the same reason; MySQL always obeys it there. */
export const FORCE_PRIMARY = '/*! FORCE INDEX (PRIMARY) */';

const nothing: readonly SqlValue[] = [];

/** The values of these rows, concatenated. For a row of nineteen values, flat() takes 2 µs, this 40 ns. */
export const flattenValues = (rows: readonly (readonly SqlValue[])[]): SqlValue[] => nothing.concat(...rows);

/** Where rows are inserted; one object per table, so that rows for the same table can share a statement. */
export interface InsertTarget {
  table: string;
  columns: readonly string[];
  /** Columns whose values rows of one batch often share, the most likely first. */
  alike?: readonly string[];
}

/** A column that is set once, on the row with all of these keys; the first of them is the primary key. */
export interface MarkTarget {
  table: string;
  column: string;
  keys: readonly string[];
  /** The outbox that receives a row for each mark that is set. */
  noted: InsertTarget;
}

/**
 * A row to insert; a mark and its outbox row, skipped if the row is already marked or not found; or statements. Each
 * applies completely or not at all; statements are skipped if the first one changes no row.
 */
export type Write = Append | Mark | Statements;

export interface Statements {
  statements: readonly Statement[];
  /** Writes with the same value need the same rows: on MySQL only one of them at a time waits for a lock. */
  turn?: string;
}

export interface Append {
  into: InsertTarget;
  row: readonly SqlValue[];
}

export interface Mark {
  mark: MarkTarget;
  value: number;
  keys: readonly SqlValue[];
  /** The outbox row. */
  note: readonly SqlValue[];
}

/** Called after each batch, also one that failed. */
export type BatchObserver = (writes: number, milliseconds: number) => void;

/**
 * Writes are flushed to disk when their promise resolves. Concurrent writes share one transaction, and a failing
 * write does not fail the others.
 */
export abstract class DurableWriter {
  /** Why the last write, or the probe after it, could not use the storage; undefined while it is usable. */
  get lastFailure(): unknown {
    return undefined;
  }

  /** The statements of a probe, in one transaction that leaves nothing behind. */
  probeWith(_statements: () => readonly Statement[]): void {}

  /** Rejects a write of another component at once while the storage does not take any. */
  guard<T>(write: () => Promise<T>): Promise<T> {
    return write();
  }

  /** Starts what writes; not in the constructor, so that a failed start leaves nothing running. */
  open(): void {}

  /** How many writes wait for a batch. */
  abstract readonly waiting: number;

  /** Observes all batches from now on. */
  abstract observe(observer: BatchObserver): void;

  /** Resolves to false if the mark was already set or the first statement changed no row. */
  abstract write(write: Write): Promise<boolean>;

  /** Waits for pending writes, then closes the connection. */
  abstract close(): Promise<void>;
}

export const appendStatement = (target: InsertTarget, rows: readonly (readonly SqlValue[])[]): Statement => ({
  sql: appendSql(target, rows.length),
  values: flattenValues(rows),
});

const appendSqls = new Map<string, string>();

/** An INSERT of this many rows; `placesOfRow` writes the placeholders of one. */
export const insertSql = (
  { table, columns }: InsertTarget,
  rows: number,
  placesOfRow: () => string,
): string =>
  `INSERT INTO ${table} (${columns.join(', ')}) VALUES ${Array.from({ length: rows }, () => `(${placesOfRow()})`).join(', ')}`;

/** Few sizes are in use, and the text of each is built once. */
function appendSql(target: InsertTarget, rows: number): string {
  const key = `${target.table} ${rows}`;
  let sql = appendSqls.get(key);
  if (sql === undefined) {
    sql = insertSql(target, rows, () => places(target.columns));
    appendSqls.set(key, sql);
  }
  return sql;
}

export const markSql = ({ table, column, keys }: MarkTarget): string =>
  `UPDATE ${table} SET ${column} = ? WHERE ${keys.map((key) => `${key} = ?`).join(' AND ')} AND ${column} IS NULL`;

export type SqlValue = string | number | null;

export interface Statement {
  sql: string;
  values: readonly SqlValue[];
}

/** A place in SQL for each of these values. */
export const places = (values: readonly unknown[]): string => values.map(() => '?').join(', ');

/**
 * The last condition of a DELETE: the rows of these primary keys. When it names many rows of a small table, MySQL scans
 * the table and waits at each row that somebody else has locked. ORDER BY and LIMIT make it look the keys up, unless
 * they are nearly all there are. SQLite reads that part as a comment.
 */
export const byPrimaryKeys = (primary: string, keys: readonly unknown[]): string =>
  `${primary} IN (${places(keys)}) /*! ORDER BY ${primary} LIMIT ${keys.length} */`;

/** Stands after the table of an UPDATE by primary keys, for the same reason; there MySQL always heeds it. */
export const FORCE_PRIMARY = '/*! FORCE INDEX (PRIMARY) */';

const nothing: readonly SqlValue[] = [];

/** The values of these rows, one after another. For a row of nineteen, flat() takes 2 µs, this 40 ns. */
export const flattenValues = (rows: readonly (readonly SqlValue[])[]): SqlValue[] => nothing.concat(...rows);

/** Where rows are appended; one object per table, so that rows for the same table can travel in one statement. */
export interface InsertTarget {
  table: string;
  columns: readonly string[];
  /** Columns on whose values rows that come together often agree, the surest first. */
  alike?: readonly string[];
}

/** A column that is set once, on the row that has all of these keys; the first of them is the primary key. */
export interface MarkTarget {
  table: string;
  column: string;
  keys: readonly string[];
  /** Where each mark that applies leaves a note. */
  noted: InsertTarget;
}

/**
 * A row to append; a mark and its note, which do not apply where there is a mark or the keys are not found; or
 * statements. All apply whole or not at all; of statements none does when the first changes no row.
 */
export type Write = Append | Mark | Statements;

export interface Statements {
  statements: readonly Statement[];
  /** Writes of one turn need the same rows: on MySQL one of them at a time waits for a lock. */
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
  /** The row of the note. */
  note: readonly SqlValue[];
}

/**
 * Writes that are flushed to disk when their promise resolves. Writes that come together share one transaction, and
 * a write that fails does not take its neighbours with it.
 */
export abstract class DurableWriter {
  /** Whether the last write, or the probe after one that failed, found the storage usable. */
  get isUsable(): boolean {
    return true;
  }

  /** Answers whether the write applied: false when its mark or its first statement changed no row. */
  abstract write(write: Write): Promise<boolean>;

  /** Waits for what is under way, then lets go of the connection. */
  abstract close(): Promise<void>;
}

export const appendStatement = (target: InsertTarget, rows: readonly (readonly SqlValue[])[]): Statement => ({
  sql: appendSql(target, rows.length),
  values: flattenValues(rows),
});

const appendSqls = new Map<string, string>();

/** An INSERT of so many rows; `placesOfRow` writes the places of one. */
export const insertSql = (
  { table, columns }: InsertTarget,
  rows: number,
  placesOfRow: () => string,
): string =>
  `INSERT INTO ${table} (${columns.join(', ')}) VALUES ${Array.from({ length: rows }, () => `(${placesOfRow()})`).join(', ')}`;

/** Texts of the few sizes in use are made once. */
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

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

/** A column that is set once, on the row that has all of these keys; the first of them is the primary key. */
export interface MarkTarget {
  table: string;
  column: string;
  keys: readonly string[];
}

/** A row to append; a mark, which does not apply where there is one or the keys are not found; or statements that apply whole or not at all: none of them when the first changes no row. */
export type Write = Append | Mark | { statements: readonly Statement[] };

export interface Append {
  into: AppendTarget;
  row: readonly SqlValue[];
}

export interface Mark {
  mark: MarkTarget;
  value: number;
  keys: readonly SqlValue[];
}

/**
 * Writes that are flushed to disk when their promise resolves. Writes that come together share one transaction, and
 * a write that fails does not take its neighbours with it.
 */
export abstract class DurableWriter {
  /**
   * Answers whether the write applied: false when its first statement changed no row. Marks that travel together may
   * all be answered with false when one of them did not apply: whoever needs to know then looks.
   */
  abstract write(write: Write): Promise<boolean>;

  /** Waits for what is under way, then lets go of the connection. */
  abstract close(): Promise<void>;
}

export const appendStatement = (target: AppendTarget, rows: readonly (readonly SqlValue[])[]): Statement => ({
  sql: appendSql(target, rows.length),
  values: rows.flat(),
});

const appendSqls = new Map<string, string>();

/** Texts of the few sizes in use are made once. */
function appendSql({ table, columns }: AppendTarget, rows: number): string {
  const key = `${table} ${rows}`;
  let sql = appendSqls.get(key);
  if (sql === undefined) {
    const tuple = `(${columns.map(() => '?').join(', ')})`;
    sql = `INSERT INTO ${table} (${columns.join(', ')}) VALUES ${new Array(rows).fill(tuple).join(', ')}`;
    appendSqls.set(key, sql);
  }
  return sql;
}

export const markStatement = ({ mark: { table, column, keys }, value, keys: values }: Mark): Statement => ({
  sql: `UPDATE ${table} SET ${column} = ? WHERE ${keys.map((key) => `${key} = ?`).join(' AND ')} AND ${column} IS NULL`,
  values: [value, ...values],
});

/** Many marks of one target in one statement, by the first key; they share the latest of their values. */
export function marksStatement({ table, column, keys }: MarkTarget, marks: readonly Mark[]): Statement {
  const [primary] = keys;
  const some = marks.map(() => '?').join(', ');
  const tuple = `(${keys.map(() => '?').join(', ')})`;
  const all = keys.length > 1 ? ` AND (${keys.join(', ')}) IN (${marks.map(() => tuple).join(', ')})` : '';
  return {
    sql: `UPDATE ${table} SET ${column} = ? WHERE ${primary} IN (${some})${all} AND ${column} IS NULL`,
    values: [
      Math.max(...marks.map(({ value }) => value)),
      ...marks.map(({ keys: values }) => values[0] as SqlValue),
      ...(keys.length > 1 ? marks.flatMap(({ keys: values }) => values) : []),
    ],
  };
}

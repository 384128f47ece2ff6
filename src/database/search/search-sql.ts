import type { SqlValue, Statement } from '../durable-writer.js';

/** A fragment of SQL with a `?` for each of its values; its identifiers come from this code, never from a caller. */
export interface SqlPart {
  sql: string;
  values: readonly SqlValue[];
}

/** A sort column; never null, so that all engines order rows alike. */
export interface SortColumn extends SqlPart {
  /** An id column is ASCII: MySQL refuses to compare it with other text. */
  kind: 'id' | 'text' | 'number';
  descending: boolean;
}

/** The query for one page of rows. */
export interface Search {
  from: string;
  where: readonly SqlPart[];
  /** The last column is the row's key, so that the order is total. */
  order: readonly [...SortColumn[], SortColumn];
  /** The sort values of the last row of the previous page. */
  after?: readonly SqlValue[];
  limit: number;
  offset: number;
}

/** Selects the sort values of each row, as columns `k0`, `k1` and so on. */
export function pageStatement({ from, where, order, after, limit, offset }: Search): Statement {
  const columns = order.map(({ sql }, position) => `${sql} AS k${position}`).join(', ');
  const direction = order.map(({ descending }, position) => `k${position} ${descending ? 'DESC' : 'ASC'}`);
  const condition = conjunction(after ? [...where, pastRow(order, after)] : where);
  return {
    sql: `SELECT ${columns} FROM ${from}${condition.sql} ORDER BY ${direction.join(', ')} LIMIT ? OFFSET ?`,
    values: [...order.flatMap(({ values }) => values), ...condition.values, limit, offset],
  };
}

/** Counts up to `most`, so that counting a large table costs no more than reading a large page. */
export function countStatement({ from, where }: Pick<Search, 'from' | 'where'>, most: number): Statement {
  const condition = conjunction(where);
  return {
    sql: `SELECT COUNT(*) AS found FROM (SELECT 1 AS one FROM ${from}${condition.sql} LIMIT ?) counted`,
    values: [...condition.values, most],
  };
}

function conjunction(parts: readonly SqlPart[]): SqlPart {
  if (parts.length === 0) return { sql: '', values: [] };
  return {
    sql: ` WHERE ${parts.map(({ sql }) => `(${sql})`).join(' AND ')}`,
    values: parts.flatMap(({ values }) => values),
  };
}

/** Matches the rows after this one. It avoids row-value comparison, for which MySQL would not use an index. */
function pastRow([column, ...rest]: readonly SortColumn[], [value, ...others]: readonly SqlValue[]): SqlPart {
  if (!column || value === undefined) throw new Error('a place needs a value for each sort column');
  const past = `${column.sql} ${column.descending ? '<' : '>'}`;
  if (rest.length === 0) return { sql: `${past} ?`, values: [...column.values, value] };
  const further = pastRow(rest, others);
  return {
    sql: `${past}= ? AND (${past} ? OR (${further.sql}))`,
    values: [...column.values, value, ...column.values, value, ...further.values],
  };
}

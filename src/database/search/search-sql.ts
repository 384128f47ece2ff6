import type { SqlValue, Statement } from '../durable-writer.js';

/** A piece of SQL with a `?` for each of its values; its names are written by us, never by a caller. */
export interface SqlPart {
  sql: string;
  values: readonly SqlValue[];
}

/** What rows are ordered by; never null, so that both engines agree on the place of every row. */
export interface SortColumn extends SqlPart {
  /** A column of ids takes ASCII alone: MySQL does not even compare it with anything else. */
  kind: 'id' | 'text' | 'number';
  descending: boolean;
}

/** A question for one page of rows. */
export interface Search {
  from: string;
  where: readonly SqlPart[];
  /** The last column is the row's key, so that no two rows share a place. */
  order: readonly [...SortColumn[], SortColumn];
  /** The sort values of the row that the page comes after. */
  after?: readonly SqlValue[];
  limit: number;
  offset: number;
}

/** Selects the sort values of each row; the columns are called `k0`, `k1` and so on. */
export function pageStatement({ from, where, order, after, limit, offset }: Search): Statement {
  const columns = order.map(({ sql }, position) => `${sql} AS k${position}`).join(', ');
  const direction = order.map(({ descending }, position) => `k${position} ${descending ? 'DESC' : 'ASC'}`);
  const condition = conjunction(after ? [...where, pastRow(order, after)] : where);
  return {
    sql: `SELECT ${columns} FROM ${from}${condition.sql} ORDER BY ${direction.join(', ')} LIMIT ? OFFSET ?`,
    values: [...order.flatMap(({ values }) => values), ...condition.values, limit, offset],
  };
}

/** Counts no further than `most`, so that a count of a large table costs no more than a large page. */
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

/** Rows behind this one. Written without row values, for which MySQL would not use an index. */
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

import type { AppendTarget, SqlValue } from './durable-writer.js';

/** Rows for one table; what all of them have in common is told once. */
export interface AlikeRows {
  into: AppendTarget;
  /** The values of the first so many columns of `into.alike`. */
  shared: readonly SqlValue[];
  /** The other columns of each row, in the table's order. */
  own: readonly (readonly SqlValue[])[];
}

export function alikeRows(into: AppendTarget, rows: readonly (readonly SqlValue[])[]): AlikeRows {
  const { alike = [], columns } = into;
  const [first = [], ...others] = rows;
  const places = alike.map((column) => columns.indexOf(column));
  const differs = places.findIndex((place) => others.some((row) => row[place] !== first[place]));
  const common = rows.length < 2 ? [] : places.slice(0, differs < 0 ? places.length : differs);
  const rest = columns.flatMap((_column, place) => (common.includes(place) ? [] : [place]));
  return {
    into,
    shared: common.map((place) => first[place] as SqlValue),
    own: common.length === 0 ? rows : rows.map((row) => rest.map((place) => row[place] as SqlValue)),
  };
}

const texts = new Map<string, string>();

/**
 * The text for so many rows that share the values of so many columns: their places have numbers, so that each value
 * is bound once. Columns are shared from the first one on, so there are few texts; each is made once.
 */
export function alikeSql({ table, columns, alike = [] }: AppendTarget, shared: number, rows: number): string {
  const key = `${table} ${shared} ${rows}`;
  let text = texts.get(key);
  if (text === undefined) {
    const common = new Map(alike.slice(0, shared).map((column, place) => [column, place + 1]));
    let last = shared;
    const tuple = () => `(${columns.map((column) => `?${common.get(column) ?? ++last}`).join(', ')})`;
    text = `INSERT INTO ${table} (${columns.join(', ')}) VALUES ${Array.from({ length: rows }, tuple).join(', ')}`;
    texts.set(key, text);
  }
  return text;
}

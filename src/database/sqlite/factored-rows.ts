import { type InsertTarget, insertSql, type SqlValue } from '../durable-writer.js';

type Values = readonly SqlValue[];

/** Rows for one table; the values that all of them share are sent once. */
export interface FactoredRows {
  into: InsertTarget;
  /** The values of the first columns of `into.alike`, as many as are shared. */
  shared: Values;
  /** The other columns of each row, in the table's order. */
  own: readonly Values[];
}

/** Indexes of the columns that may be shared, and of those that remain for each number of shared columns. */
interface Layout {
  alike: readonly number[];
  others: readonly (readonly number[])[];
}

const layouts = new WeakMap<InsertTarget, Layout>();

function layoutOf(into: InsertTarget): Layout {
  let layout = layouts.get(into);
  if (!layout) {
    const { columns } = into;
    const alike = (into.alike ?? []).map((column) => columns.indexOf(column));
    const othersOf = (shared: number) => {
      const common = alike.slice(0, shared);
      return columns.flatMap((_column, place) => (common.includes(place) ? [] : [place]));
    };
    layout = { alike, others: Array.from({ length: alike.length + 1 }, (_, shared) => othersOf(shared)) };
    layouts.set(into, layout);
  }
  return layout;
}

export function factoredRows(into: InsertTarget, rows: readonly Values[]): FactoredRows {
  const [first, ...further] = rows;
  if (!first || further.length === 0) return { into, shared: [], own: rows };
  const { alike, others } = layoutOf(into);
  const differs = alike.findIndex((place) => further.some((row) => row[place] !== first[place]));
  const shared = at(first, differs < 0 ? alike : alike.slice(0, differs));
  const places = others[shared.length] as readonly number[];
  return { into, shared, own: shared.length === 0 ? rows : rows.map((row) => at(row, places)) };
}

const at = (row: Values, places: readonly number[]): Values => places.map((place) => row[place] as SqlValue);

const texts = new Map<string, string>();

/**
 * The statement for this many rows that share this many columns. Placeholders are numbered, so that each value is
 * bound once. Columns are shared from the first one on, so there are few texts; each is built once.
 */
export function factoredSql(into: InsertTarget, shared: number, rows: number): string {
  const { table, columns, alike = [] } = into;
  const key = `${table} ${shared} ${rows}`;
  let text = texts.get(key);
  if (text === undefined) {
    const common = new Map(alike.slice(0, shared).map((column, place) => [column, place + 1]));
    let last = shared;
    text = insertSql(into, rows, () =>
      columns.map((column) => `?${common.get(column) ?? ++last}`).join(', '),
    );
    texts.set(key, text);
  }
  return text;
}

import type { Connection } from '../../database/command/isolated.js';
import type { SqlValue } from '../../database/durable-writer.js';
import type { Row } from '../../database/row-reader.js';
import type { Table } from '../../database/schema/tables.js';

const FIRST_PAGE_ROWS = 16;
const MAX_PAGE_ROWS = 1000;
const PAGE_CHARACTERS = 1024 * 1024;

/** The rows of a table in the order of its key, in pages of about a megabyte. */
export async function* pagesOf({ run, quoted }: Connection, { name, key }: Table): AsyncGenerator<Row[]> {
  const columns = key.map(quoted);
  let last: Row | undefined;
  for (let limit = FIRST_PAGE_ROWS; ; ) {
    const after = last
      ? afterRow(
          columns,
          key.map((column) => last?.[column] as SqlValue),
        )
      : undefined;
    const where = after ? ` WHERE ${after.sql}` : '';
    const rows = await run(
      `SELECT * FROM ${quoted(name)}${where} ORDER BY ${columns.join(', ')} LIMIT ${limit}`,
      after?.values ?? [],
    );
    if (rows.length === 0) return;
    yield rows;
    last = rows.at(-1);
    limit = nextLimit(rows);
  }
}

/** A comparison of lists would not use the primary key on MySQL. */
function afterRow(columns: readonly string[], values: readonly SqlValue[]) {
  const alternatives = columns.map((column, place) =>
    [...columns.slice(0, place).map((before) => `${before} = ?`), `${column} > ?`].join(' AND '),
  );
  return {
    sql: alternatives.map((alternative) => `(${alternative})`).join(' OR '),
    values: columns.flatMap((_column, place) => values.slice(0, place + 1)),
  };
}

function nextLimit(rows: readonly Row[]): number {
  const characters = rows.reduce(
    (sum, row) => sum + Object.values(row).reduce<number>((all, value) => all + String(value).length, 0),
    1,
  );
  return Math.min(MAX_PAGE_ROWS, Math.max(1, Math.floor((PAGE_CHARACTERS * rows.length) / characters)));
}

import { describe, expect, it } from 'vitest';
import { openSqlite } from '../sqlite/sqlite.js';
import { countStatement, pageStatement, type SortColumn } from './search-sql.js';

const word = (sql: string, descending: boolean): SortColumn => ({
  sql,
  values: [],
  kind: 'text',
  descending,
});

const ROWS = ['a', 'b', 'c'].flatMap((x) =>
  ['a', 'b', 'c'].flatMap((y) => [1, 2].map((n) => [x, y, `${x}${y}${n}`])),
);

function openRows() {
  const connection = openSqlite(':memory:');
  connection.exec('CREATE TABLE t (x TEXT, y TEXT, id TEXT PRIMARY KEY)');
  for (const row of ROWS) connection.prepare('INSERT INTO t VALUES (?, ?, ?)').run(...row);
  return connection;
}

describe('A page of rows', () => {
  const connection = openRows();
  const directions = [false, true];
  const orders = directions.flatMap((x) =>
    directions.flatMap((y) => directions.map((id) => [word('x', x), word('y', y), word('id', id)] as const)),
  );

  it.each(orders)('continues the page before it, whichever the directions: %#', (...columns) => {
    const order = columns as unknown as [SortColumn, SortColumn, SortColumn];
    const page = (limit: number, after?: string[]) => {
      const { sql, values } = pageStatement({
        from: 't',
        where: [],
        order,
        limit,
        offset: 0,
        ...(after ? { after } : {}),
      });
      return connection.prepare(sql).all(...values);
    };
    const placeOf = (row: Record<string, unknown> | undefined) => row && [row.k0, row.k1, row.k2].map(String);
    const whole = page(100).map(placeOf);
    const walked: unknown[] = [];
    for (let rows = page(4); rows.length > 0; rows = page(4, placeOf(rows.at(-1))))
      walked.push(...rows.map(placeOf));
    expect(whole).toHaveLength(ROWS.length);
    expect(walked).toEqual(whole);
  });

  it('counts no further than asked', () => {
    const where = [
      { sql: 'x = ? OR x = ?', values: ['a', 'b'] },
      { sql: 'y <> ?', values: ['c'] },
    ];
    const count = (most: number) => {
      const { sql, values } = countStatement({ from: 't', where }, most);
      return Number(connection.prepare(sql).all(...values)[0]?.found);
    };
    expect([count(100), count(3)]).toEqual([8, 3]);
  });
});

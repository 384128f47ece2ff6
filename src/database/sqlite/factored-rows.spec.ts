import fc from 'fast-check';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { InsertTarget, SqlValue } from '../durable-writer.js';
import { factoredRows, factoredSql } from './factored-rows.js';
import { openSqlite } from './sqlite.js';

const BOOKS: InsertTarget = {
  table: 'book',
  columns: ['id', 'title', 'pages', 'shelf'],
  alike: ['shelf', 'title'],
};

const connection = openSqlite(':memory:');
connection.exec('CREATE TABLE book (id, title, pages, shelf)');
beforeEach(() => connection.exec('DELETE FROM book'));
afterAll(() => connection.close());

const append = ({ into, shared, own }: ReturnType<typeof factoredRows>) =>
  connection.prepare(factoredSql(into, shared.length, own.length)).run([...shared, ...own.flat()]);

const stored = () => connection.prepare('SELECT * FROM book ORDER BY rowid').raw().all();

describe('Rows that are alike', () => {
  it('share the leading columns that all of them have in common', () => {
    const rows = [
      ['1', 'Emma', 400, null],
      ['2', 'Emma', 400, null],
    ];
    expect(factoredRows(BOOKS, rows)).toEqual({
      into: BOOKS,
      shared: [null, 'Emma'],
      own: [
        ['1', 400],
        ['2', 400],
      ],
    });
    expect(factoredRows(BOOKS, [...rows, ['3', 'Emma', 400, 'A']]).shared).toEqual([]);
    expect(factoredRows(BOOKS, [...rows, ['3', 'Ulysses', 400, null]]).shared).toEqual([null]);
  });

  it('bind each shared value once', () => {
    expect(factoredSql(BOOKS, 1, 2)).toBe(
      'INSERT INTO book (id, title, pages, shelf) VALUES (?2, ?3, ?4, ?1), (?5, ?6, ?7, ?1)',
    );
  });

  it('are restored in their order', () => {
    const value = fc.constantFrom<SqlValue>(null, '', 'a', 'b', 1, 0);
    fc.assert(
      fc.property(fc.array(fc.tuple(value, value, value, value), { minLength: 1, maxLength: 40 }), (rows) => {
        connection.exec('DELETE FROM book');
        append(factoredRows(BOOKS, rows));
        expect(stored()).toEqual(rows);
      }),
    );
  });
});

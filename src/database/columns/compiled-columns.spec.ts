import { Column, Entity, PrimaryColumn } from 'typeorm';
import { describe, expect, it } from 'vitest';
import { rowWriterOf, selectionOf } from './compiled-columns.js';
import { propertiesOf } from './declared-columns.js';

@Entity('book')
class BookRow {
  @PrimaryColumn('varchar')
  id!: string;

  @Column('bigint', { name: 'page_count' })
  pageCount!: number;

  @Column('boolean', { name: 'is_lent' })
  isLent!: boolean;

  @Column('text', { nullable: true })
  title!: string | null;

  @Column('bigint', { name: 'lent_at', nullable: true })
  lentAt!: number | null;
}

@Entity('shelf')
class ShelfRow {
  @PrimaryColumn('varchar')
  "it's"!: string;
}

describe('The columns of an entity', () => {
  it('are selected and read in the order that is asked for, whatever the driver returns for them', () => {
    const { sql, count, read } = selectionOf(BookRow, 'b', ['isLent', 'pageCount', 'lentAt', 'id', 'title']);
    expect({ sql, count }).toEqual({ sql: 'b.is_lent, b.page_count, b.lent_at, b.id, b.title', count: 5 });
    // SQLite, MySQL and PostgreSQL.
    for (const [yes, many] of [
      [1, 12],
      [1, '12'],
      [true, '12'],
    ]) {
      expect(read([yes, many, many, 'a', 'b'], 0)).toEqual({
        ...{ isLent: true, pageCount: 12, lentAt: 12, id: 'a', title: 'b' },
      });
    }
    expect(read([false, 0, null, 'a', null], 0)).toEqual({
      ...{ isLent: false, pageCount: 0, lentAt: null, id: 'a', title: null },
    });
  });

  it('are read from a place within a row', () => {
    expect(selectionOf(BookRow, 'b', ['id', 'title']).read(['x', 'y', 'a', null, 'z'], 2)).toEqual({
      id: 'a',
      title: null,
    });
  });

  it('are written in their order, from what rows share and from what is their own', () => {
    const write = rowWriterOf(BookRow, ['title', 'isLent', 'id', 'lentAt'], ['title', 'isLent']);
    expect(write({ id: 'a', lentAt: null }, { title: 'b', isLent: true })).toEqual(['b', 1, 'a', null]);
    expect(write({ id: 'a', lentAt: 5 }, { title: null, isLent: false })).toEqual([null, 0, 'a', 5]);
  });

  it('are listed as they are declared, but for the omitted ones', () => {
    expect(propertiesOf(BookRow)).toEqual(['id', 'pageCount', 'isLent', 'title', 'lentAt']);
    expect(propertiesOf(BookRow, ['id', 'title'])).toEqual(['pageCount', 'isLent', 'lentAt']);
  });

  it('are not compiled from a property that is no identifier', () => {
    expect(() => selectionOf(ShelfRow, 's', ["it's"])).toThrow("it's is not an identifier");
  });
});

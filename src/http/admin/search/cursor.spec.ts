import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SortColumn } from '../../../database/search/search-sql.js';
import { readCursor, writeCursor } from './cursor.js';

const column = (kind: SortColumn['kind']): SortColumn => ({ sql: 'c', values: [], kind, descending: false });
const COLUMNS = [column('number'), column('text')];

const forged = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('A cursor', () => {
  it('contains the place of any row', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.string({ unit: 'grapheme', maxLength: 255 }), (number, text) => {
        expect(readCursor(writeCursor('start', [number, text]), 'start', COLUMNS)).toEqual([number, text]);
      }),
    );
  });

  it.each([
    ['of another order', writeCursor('-start', [1, 'a'])],
    ['with a value too few', forged(['start', 1])],
    ['with a value too many', forged(['start', 1, 'a', 'b'])],
    ['with text for a number', forged(['start', '1', 'a'])],
    ['with a fraction', forged(['start', 1.5, 'a'])],
    ['with a number for text', forged(['start', 1, 2])],
    ['with null', forged(['start', null, 'a'])],
    ['with an object', forged(['start', 1, { a: 1 }])],
    ['with a value that no id can have', writeCursor('start', [1, 'é']), [column('number'), column('id')]],
    ['that is no list', forged({ order: 'start' })],
    ['that is no JSON', Buffer.from('x').toString('base64url')],
    ['with padding', `${writeCursor('start', [1, 'a'])}=`],
    ['in other characters', '***'],
    ['of nothing', ''],
    ['beyond bounds', writeCursor('start', [1, 'a'.repeat(9000)])],
  ])('is rejected: %s', (_, cursor, columns = COLUMNS) =>
    expect(readCursor(cursor, 'start', columns)).toBeUndefined(),
  );
});

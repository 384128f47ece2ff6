import { describe, expect, it } from 'vitest';
import { TemporarilyUnavailable } from '../../protocol/unavailable.js';
import { asStorageError, isDuplicate } from '../storage-error.js';
import { isDamaged, isStorageFault } from './sqlite-fault.js';

const STORAGE = ['FULL', 'IOERR', 'IOERR_SHORT_READ', 'CANTOPEN', 'READONLY', 'READONLY_DBMOVED', 'NOTADB'];

describe('A code of SQLite', () => {
  it.each([...STORAGE, 'CORRUPT', 'CORRUPT_VTAB', 'PROTOCOL', 'NOMEM', 'PERM'])(
    'classifies %s as a storage fault (fault F5)',
    (name) => {
      const error = Object.assign(new Error('as it was'), { code: `SQLITE_${name}` });
      expect(isStorageFault(error.code, error.message)).toBe(true);
      expect(asStorageError(error)).toBeInstanceOf(TemporarilyUnavailable);
    },
  );

  it('classifies ERROR as a storage fault for a missing table, and as a statement error otherwise (fault F5)', () => {
    expect(isDamaged('SQLITE_ERROR', 'no such table: session')).toBe(true);
    expect(isStorageFault('SQLITE_ERROR', 'near "x": syntax error')).toBe(false);
  });

  it('reports an unexpected duplicate key as unavailable, still recognisable (fault F5)', () => {
    const error = Object.assign(new Error('UNIQUE'), { code: 'SQLITE_CONSTRAINT_PRIMARYKEY' });
    const answered = asStorageError(error);
    expect(answered).toBeInstanceOf(TemporarilyUnavailable);
    expect([isDuplicate(error), isDuplicate(answered)]).toEqual([true, true]);
  });
});

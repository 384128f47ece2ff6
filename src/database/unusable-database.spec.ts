import { describe, expect, it } from 'vitest';
import { blameDatabase } from './unusable-database.js';

const MYSQL = { engine: 'mysql', url: 'mysql://keeper:s%2Fesame@db.example/stock' } as const;
const SQLITE = { engine: 'sqlite', file: '/srv/latchkey.sqlite' } as const;

const told = (code: string, database: typeof MYSQL | typeof SQLITE) =>
  (blameDatabase('DATABASE_URL', Object.assign(new Error('sesame'), { code }), database) as Error).message;

describe('A database that cannot be used', () => {
  it.each([
    ['ER_ACCESS_DENIED_ERROR', 'the server at db.example:3306 refuses the user keeper or its password'],
    [
      'ER_DBACCESS_DENIED_ERROR',
      'the server at db.example:3306 does not let the user keeper use the database stock',
    ],
    ['ER_BAD_DB_ERROR', 'the server at db.example:3306 does not have the database stock'],
    ['ENOTFOUND', 'nobody knows the host db.example'],
    ['ECONNREFUSED', 'nothing listens at db.example:3306'],
    ['ETIMEDOUT', 'the server at db.example:3306 does not answer'],
    ['ER_OTHER', 'the user keeper cannot use the database stock of the server at db.example:3306'],
  ])('is told in words for %s, without the password', (code, words) => {
    expect(told(code, MYSQL)).toBe(`DATABASE_URL: ${words} (${code})`);
  });

  it('is told by its file on SQLite', () => {
    expect(told('SQLITE_NOTADB', SQLITE)).toBe(
      'DATABASE_URL: /srv/latchkey.sqlite: it is no SQLite database (SQLITE_NOTADB)',
    );
    expect(told('', SQLITE)).toBe(
      'DATABASE_URL: /srv/latchkey.sqlite: it cannot be used (no reason is told)',
    );
  });

  it('is none where the error has no code', () => {
    const error = new Error('another');
    expect(blameDatabase('DATABASE_URL', error, MYSQL)).toBe(error);
  });
});

import { describe, expect, it } from 'vitest';
import { readDatabaseUrl } from '../../config/database-url.js';
import type { ServerSettings } from '../../config/settings.js';
import { SqliteEngine } from '../sqlite/sqlite-engine.js';
import { mysqlSettingError } from './mysql-setting-error.js';

const MYSQL = readDatabaseUrl('mysql://keeper:s%2Fesame@db.example/stock', '/srv') as ServerSettings;
const SQLITE = new SqliteEngine({ engine: 'sqlite', file: '/srv/latchkey.sqlite' });

const errorOf = (code: string) => Object.assign(new Error('sesame'), { code });

describe('A database that cannot be used', () => {
  it.each([
    ['ER_ACCESS_DENIED_ERROR', 'the server at db.example:3306 rejects the user keeper or its password'],
    [
      'ER_DBACCESS_DENIED_ERROR',
      'the server at db.example:3306 does not allow the user keeper to use the database stock',
    ],
    ['ER_BAD_DB_ERROR', 'the server at db.example:3306 does not have the database stock'],
    ['ENOTFOUND', 'the host db.example cannot be resolved'],
    ['ECONNREFUSED', 'no server listens at db.example:3306'],
    ['ETIMEDOUT', 'the server at db.example:3306 does not answer'],
    ['ER_OTHER', 'the user keeper cannot use the database stock of the server at db.example:3306'],
  ])('explains %s in words, without the password', async (code, words) => {
    const failure = await mysqlSettingError('DATABASE_URL', errorOf(code), MYSQL, async () => false);
    expect((failure as Error).message).toBe(`DATABASE_URL: ${words} (${code})`);
  });

  it('names the file of SQLite', async () => {
    const messageOf = async (code: string) =>
      ((await SQLITE.settingError('DATABASE_URL', errorOf(code))) as Error).message;
    expect(await messageOf('SQLITE_NOTADB')).toBe(
      'DATABASE_URL: /srv/latchkey.sqlite: not an SQLite database (SQLITE_NOTADB)',
    );
    expect(await messageOf('')).toBe('DATABASE_URL: /srv/latchkey.sqlite: cannot be used (no error code)');
  });

  it('returns an error without a code unchanged', async () => {
    const error = new Error('another');
    expect(await mysqlSettingError('DATABASE_URL', error, MYSQL)).toBe(error);
  });

  it('requires TLS where the same user can connect over TLS (fault D1)', async () => {
    const error = errorOf('ER_ACCESS_DENIED_ERROR');
    const failure = (await mysqlSettingError('DATABASE_URL', error, MYSQL, async () => true)) as Error;
    expect(failure.message).toBe(
      'DATABASE_URL: the server at db.example:3306 requires TLS: add ?tls=verify (ER_ACCESS_DENIED_ERROR)',
    );
  });
});

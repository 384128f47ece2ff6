import { describe, expect, it } from 'vitest';
import { readDatabaseUrl } from '../../config/database-url.js';
import type { ServerSettings } from '../../config/settings.js';
import { postgresSettingError } from './postgres-setting-error.js';

const URL = 'postgres://keeper:s%2Fesame@db.example/stock';
const settingsOf = (url: string) => readDatabaseUrl(url, '/srv') as ServerSettings;

const messageOf = (error: Error, url = URL) =>
  (postgresSettingError('DATABASE_URL', error, settingsOf(url)) as Error).message;

const coded = (code: string, message = 'sesame') => Object.assign(new Error(message), { code });

describe('A PostgreSQL server that cannot be used', () => {
  it.each([
    ['28P01', 'the server at db.example:5432 rejects the user keeper or its password'],
    ['3D000', 'the server at db.example:5432 does not have the database stock'],
    ['42501', 'the server at db.example:5432 does not allow the user keeper to use the database stock'],
    ['ENOTFOUND', 'the host db.example cannot be resolved'],
    ['ECONNREFUSED', 'no server listens at db.example:5432'],
    ['XX000', 'the user keeper cannot use the database stock of the server at db.example:5432'],
  ])('is explained for %s in words, without the password (fault D1)', (code, words) => {
    expect(messageOf(coded(code))).toBe(`DATABASE_URL: ${words} (${code})`);
  });

  it('is explained where the driver gives no code (fault D1)', () => {
    expect(messageOf(new Error('timeout expired'))).toBe(
      'DATABASE_URL: the server at db.example:5432 does not answer (ETIMEDOUT)',
    );
    expect(messageOf(new Error('The server does not support SSL connections'), `${URL}?tls=require`)).toBe(
      'DATABASE_URL: the server at db.example:5432 does not offer TLS, which tls=require requires (no code)',
    );
  });

  it('requires TLS where the server rejects plain connections (fault D1)', () => {
    const error = coded('28000', 'no pg_hba.conf entry for host "::1", user "keeper", no encryption');
    expect(messageOf(error)).toContain('requires TLS: add ?tls=verify');
  });
});

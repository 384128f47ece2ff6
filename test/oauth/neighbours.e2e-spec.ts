import mysql from 'mysql2/promise';
import { describe, expect, it } from 'vitest';
import { NATIVE } from '../support/doors.js';
import { form } from '../support/http.js';
import { useLibrary } from '../support/library.js';
import { aClient } from '../support/registration.js';
import { engine } from '../support/server.js';

const TOKENS = 24;
const LOCKED = 7;

/** SQLite locks no rows. */
describe.runIf(engine === 'mysql')('A session that somebody else has locked', () => {
  const library = useLibrary();

  it('E07 R06 holds up no revocation but its own, whatever comes together (RFC 7009 2.2.1)', async () => {
    const client = await aClient(library.server).register();
    const tokens = await Promise.all(Array.from({ length: TOKENS }, () => client.token(NATIVE)));
    const ask = (path: string, token: string) => form(library.server.url + path, { token }, client.basic);
    const { jti } = (await ask('/auth/introspect', tokens[LOCKED] as string)).body;
    const connection = await mysql.createConnection({ uri: library.server.databaseUrl as string });
    try {
      await connection.beginTransaction();
      await connection.query('SELECT id FROM session WHERE id = ? FOR UPDATE', [jti]);
      const answers = await Promise.all(tokens.map((token) => ask('/auth/revoke', token)));
      const expected = tokens.map((_token, at) => (at === LOCKED ? 503 : 200));
      expect(answers.map(({ status }) => status)).toEqual(expected);
      const active = async (token: string) => (await ask('/auth/introspect', token)).body.active;
      expect(await Promise.all(tokens.map(active))).toEqual(tokens.map((_token, at) => at === LOCKED));
    } finally {
      await connection.end();
    }
    expect((await ask('/auth/revoke', tokens[LOCKED] as string)).status).toBe(200);
    expect(library.server.stderr()).not.toContain('"level":"error"');
  });

  it('E07 L07 of a whole table is waited for a few times, not once for each row, and is no fault (ASVS 13.1.2)', async () => {
    const client = await aClient(library.server).register();
    const tokens = await Promise.all(Array.from({ length: TOKENS }, () => client.token(NATIVE)));
    const revoke = (token: string) =>
      form(`${library.server.url}/auth/revoke`, { token }, client.basic).then(({ status }) => status);
    const connection = await mysql.createConnection({ uri: library.server.databaseUrl as string });
    const began = performance.now();
    try {
      await connection.beginTransaction();
      await connection.query('SELECT id FROM session WHERE client_id = ? FOR UPDATE', [client.id]);
      expect(new Set(await Promise.all(tokens.map(revoke)))).toEqual(new Set([503]));
    } finally {
      await connection.end();
    }
    expect(performance.now() - began).toBeLessThan(20_000);
    expect(new Set(await Promise.all(tokens.map(revoke)))).toEqual(new Set([200]));
    expect(library.server.stderr()).not.toContain('"level":"error"');
  });
});

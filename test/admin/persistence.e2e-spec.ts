import { readFileSync } from 'node:fs';
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose';
import { describe, expect, it } from 'vitest';
import { admin } from '../support/admin.js';
import { AUTH0, DIALECTS, NATIVE } from '../support/dialects.js';
import { dump, storedText } from '../support/dump.js';
import { READ_BOOK_1, useLibrary } from '../support/library.js';
import { aClient } from '../support/registration.js';

const library = useLibrary();
const CHOSEN = 'chosen for what is stored';

async function issueAll(): Promise<string[]> {
  const { server } = library;
  const chosen = await aClient(server).with({ secret: CHOSEN }).withGrant('book:*:read').register();
  const made = await aClient(server)
    .withTokens({ refresh_token: true, token_format: 'opaque' })
    .withGrant('book:*:read')
    .register();
  const values = [CHOSEN, made.secret, server.adminSecret, server.env.LATCHKEY_MASTER_KEY as string];
  for (const dialect of DIALECTS) {
    for (const client of [chosen, made]) {
      const { body } = await client.ask(dialect, READ_BOOK_1);
      values.push(body.access_token, ...(body.refresh_token ? [body.refresh_token] : []));
    }
  }
  const rotated = await admin(server).post(`/Client/${made.id}/$rotate-secret`, { overlap: 60 });
  return [...values, rotated.body.secret];
}

/** A JWT and an opaque token are worth something by their last part alone. */
const telling = (value: string) => (value.split('.').at(-1) as string).slice(-40);

describe('Stored data', () => {
  it('contains no secret, token or master key in plain text (S01, S02, ASVS 11.4.2, 13.3.1)', async () => {
    const values = await issueAll();
    expect(values.length).toBeGreaterThan(10);
    const text = await storedText(library.server);
    for (const value of values) expect(text.includes(telling(value)), value.slice(0, 6)).toBe(false);
  });

  it('contains signing keys and peppers sealed, each with the name of its key (S02, S05, ASVS 13.3.1)', async () => {
    const client = await aClient(library.server).withGrant('book:1:read').register();
    await client.token(AUTH0, READ_BOOK_1);
    const tables = await dump(library.server);
    const sealed = [...tables.values()].flat().flatMap((row) => Object.values(row).map(String));
    expect(sealed.filter((value) => /^v1\.[\w-]{8}\.[\w-]+$/.test(value)).length).toBeGreaterThanOrEqual(2);
    expect(sealed.filter((value) => /PRIVATE KEY|"d":|-----BEGIN/.test(value))).toEqual([]);
  });

  it('contains a generated secret under a keyed hash and a chosen one under argon2id, labelled as such (S05, S06, SP 800-63B 5.1.2.2)', async () => {
    const { server } = library;
    const chosen = await aClient(server).with({ secret: CHOSEN }).register();
    const made = await aClient(server).register();
    const rows = (await dump(server)).get('client_secret') ?? [];
    const of = (id: string) => rows.find(({ client_id }) => client_id === id);
    expect(of(chosen.id)?.pepper_id).toBeNull();
    expect(String(of(chosen.id)?.digest)).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(String(of(made.id)?.pepper_id)).toMatch(/^[0-9a-f-]{36}$/);
    expect(String(of(made.id)?.digest)).toMatch(/^[\w-]{43}$/);
  });

  it('rejects a chosen secret of fewer than 8 characters (S06, SP 800-63B 5.1.2.2)', async () => {
    const answer = await admin(library.server).post('/Client', { secret: 'x7!a9bc' });
    expect(answer.status).toBe(422);
  });
});

describe('Tokens issued in the same second', () => {
  it.each(['jwt', 'opaque'])(
    'distinguishes two tokens of the same second and ends each separately: %s (J21, RFC 7519 4.1.6)',
    async (token_format) => {
      const client = await aClient(library.server).withTokens({ token_format }).register();
      const list = async (token: string) =>
        (await admin(library.server, { authorization: `Bearer ${token}` }).get('/Session')).status;
      for (let round = 0; round < 5; round++) {
        const tokens = await Promise.all([1, 2, 3].map(() => client.token(NATIVE)));
        const [first, second, third] = tokens as [string, string, string];
        if (token_format === 'jwt') expect(new Set(tokens.map((one) => decodeJwt(one).jti)).size).toBe(3);
        await admin(library.server, { authorization: `Bearer ${second}` }).delete('/Session');
        expect([await list(first), await list(second), await list(third)]).toEqual([200, 401, 200]);
      }
    },
  );
});

describe('JWTs of closed sessions', () => {
  it.each(DIALECTS)(
    'keeps a JWT valid for offline verifiers until it expires, by default within an hour: $name (R14, RFC 9068 6)',
    async (dialect) => {
      const { server } = library;
      const client = await aClient(server)
        .withTokens({ token_format: 'jwt' })
        .withGrant('book:1:read')
        .register();
      const token = await client.token(dialect, READ_BOOK_1);
      expect((await admin(server).delete(`/Session?client=${client.id}`)).status).toBe(204);
      const keys = createRemoteJWKSet(new URL('/.well-known/jwks.json', server.url));
      const { payload } = await jwtVerify(token, keys);
      expect((payload.exp as number) - (payload.iat as number)).toBe(3600);
      const scopes = readFileSync(new URL('../../docs/scopes.md', import.meta.url), 'utf8');
      expect(scopes.replaceAll('\n', ' ')).toContain(
        'An API that verifies JWTs by itself learns of a changed policy at the next token, and takes the token of a closed session until it expires',
      );
    },
  );
});

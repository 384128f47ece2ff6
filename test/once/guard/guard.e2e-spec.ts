import { setTimeout as sleep } from 'node:timers/promises';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { createGuard, type GuardOptions } from '../../../packages/guard/src/guard.js';
import { admin } from '../../support/admin.js';
import { AUTH0, AUTHING, DIALECTS, NATIVE } from '../../support/dialects.js';
import { ATLAS, LIBRARY, READ_BOOK_1, useLibrary } from '../../support/library.js';
import { aClient, aResource, type TestClient } from '../../support/registration.js';
import { judge } from './judge.js';

const library = useLibrary();
let api: TestClient;

const oidcIssuer = () => `${library.server.publicUrl}/oidc`;

const guardOf = (options: Partial<GuardOptions> = {}) =>
  createGuard({ issuer: [library.own, oidcIssuer()], audience: LIBRARY, ...options });

const introspecting = (options: Partial<GuardOptions['introspection']> = {}) =>
  guardOf({ introspection: { clientId: api.id, clientSecret: api.secret, ...options } });

const aReader = () => aClient(library.server).withGrant('book:*:*');

beforeAll(async () => {
  api = await aClient(library.server, 'library-api').register();
  await aResource(library.server, 'book', ['read', 'write'], {
    audience: LIBRARY,
    introspection_clients: [{ resourceType: 'Client', id: api.id }],
  });
});

describe.each(DIALECTS)('A JWT of the $name dialect', (dialect) => {
  it.each(['RS256', 'PS256', 'ES256', 'EdDSA'])('signed with %s holds what was granted', async (alg) => {
    const client = await aReader().withTokens({ token_format: 'jwt', signing_alg: alg }).register();
    const token = await client.token(dialect, { audience: LIBRARY, scope: 'book:*' });
    expect(decodeProtectedHeader(token).alg).toBe(alg);
    expect(await judge(guardOf(), token, 'book:1:read')).toBe('200');
    expect(await judge(guardOf(), token, 'page:1:read')).toBe('403 insufficient_scope');
  });

  it.each([
    ['rfc9068', 'at+jwt'],
    ['classic', 'JWT'],
  ])('is taken with the profile %s', async (profile, typ) => {
    const client = await aReader().withTokens({ token_format: 'jwt', profile }).register();
    const token = await client.token(dialect, READ_BOOK_1);
    expect(decodeProtectedHeader(token).typ).toBe(typ);
    expect(await judge(guardOf(), token, 'book:1:read')).toBe('200');
  });
});

describe('A JWT', () => {
  const jwtOf = async (fields: Record<string, string>, dialect = AUTH0) =>
    (await aReader().withTokens({ token_format: 'jwt' }).register()).token(dialect, fields);

  it('for another audience is refused', async () => {
    const client = await aClient(library.server).withGrant('map:*:*').register();
    const token = await client.token(AUTH0, { audience: ATLAS });
    expect(await judge(guardOf(), token)).toBe('401 invalid_token');
    expect(await judge(guardOf({ audience: ATLAS }), token, 'geocode:location')).toBe('200');
  });

  it('of a dialect whose issuer is not named is refused', async () => {
    const token = await jwtOf(READ_BOOK_1, AUTHING);
    expect(await judge(guardOf({ issuer: library.own }), token)).toBe('401 invalid_token');
    expect(await judge(guardOf({ issuer: oidcIssuer() }), token)).toBe('200');
  });

  it('of an issuer that is not named to the letter is refused', async () => {
    const token = await jwtOf(READ_BOOK_1);
    for (const issuer of ['https://login.example/', library.server.publicUrl, `${library.own}/`]) {
      expect(await judge(guardOf({ issuer }), token)).toBe('401 invalid_token');
    }
  });

  it('is refused once it has expired', async () => {
    const client = await aReader().withTokens({ token_format: 'jwt', access_token_expiration: 5 }).register();
    const guard = guardOf({ clockToleranceSeconds: 0 });
    const token = await client.token(NATIVE, READ_BOOK_1);
    expect(await judge(guard, token)).toBe('200');
    const { exp = 0 } = decodeJwt(token);
    await sleep(exp * 1000 - Date.now() + 10);
    expect(await judge(guard, token)).toBe('401 invalid_token');
    expect(await judge(guardOf({ clockToleranceSeconds: 60 }), token)).toBe('200');
  });

  it("holds the server's own types only by their names", async () => {
    const client = await aClient(library.server)
      .withTokens({ token_format: 'jwt' })
      .withEverything()
      .register();
    const token = await client.token(NATIVE, { scope: '*' });
    const guard = guardOf({ audience: library.own });
    expect(await judge(guard, token, 'diary:1:read', 'diary:*')).toBe('200');
    expect(await judge(guard, token, 'Client:1:read')).toBe('403 insufficient_scope');
  });

  it('with the whole grant holds bare names, and more items once the guard has the operations', async () => {
    const token = await jwtOf({ audience: LIBRARY });
    const knowing = guardOf({ operations: { book: ['read', 'write'], page: ['turn', 'read'] } });
    for (const guard of [guardOf(), guardOf({ operations: ['read', 'write', 'turn'] }), knowing]) {
      expect(await judge(guard, token, 'write')).toBe('200');
      expect(await judge(guard, token, 'turn')).toBe('403 insufficient_scope');
    }
    expect(await judge(guardOf(), token, 'book:1:write')).toBe('200');
    expect(await judge(guardOf({ operations: ['write'] }), token, 'book:1:write')).toBe(
      '403 insufficient_scope',
    );
    expect(await judge(knowing, token, 'book:1:write')).toBe('200');
    expect(await judge(knowing, token, 'page:1:write')).toBe('403 insufficient_scope');
  });

  it('without a scope holds nothing', async () => {
    const client = await aClient(library.server)
      .withTokens({ token_format: 'jwt' })
      .withEverything()
      .register();
    const token = await client.token(NATIVE);
    expect(await judge(guardOf({ audience: library.own }), token)).toBe('200');
    expect(await judge(guardOf({ audience: library.own }), token, 'diary')).toBe('403 insufficient_scope');
  });
});

describe('An opaque token', () => {
  it('is asked about at the endpoint that the metadata names', async () => {
    const client = await aReader().withTokens({ token_format: 'opaque' }).register();
    for (const dialect of DIALECTS) {
      const token = await client.token(dialect, { audience: LIBRARY, scope: 'book:*' });
      expect(await judge(introspecting(), token, 'book:1:read')).toBe('200');
      expect(await judge(introspecting(), token, 'page:1:read')).toBe('403 insufficient_scope');
      expect(await judge(guardOf(), token)).toBe('401 invalid_token');
    }
  });

  it('is refused once its session is closed, a JWT as well where the guard asks about those', async () => {
    const { server } = library;
    for (const token_format of ['opaque', 'jwt']) {
      const client = await aReader().withTokens({ token_format }).register();
      const token = await client.token(NATIVE, READ_BOOK_1);
      const guard = introspecting({ jwts: true });
      expect(await judge(guard, token, 'book:1:read')).toBe('200');
      expect((await admin(server).delete(`/Session?client=${client.id}`)).status).toBe(204);
      expect(await judge(guard, token, 'book:1:read')).toBe('401 invalid_token');
    }
  });

  it('is not a refresh token', async () => {
    const client = await aReader().withTokens({ refresh_token: true }).register();
    const { refresh_token } = (await client.ask(NATIVE, READ_BOOK_1)).body;
    expect(refresh_token).toEqual(expect.any(String));
    expect(await judge(introspecting(), refresh_token)).toBe('401 invalid_token');
  });

  it('rejects every token when the guard may not introspect', async () => {
    const token = await (await aReader().withTokens({ token_format: 'opaque' }).register()).token(
      NATIVE,
      READ_BOOK_1,
    );
    expect(await judge(introspecting({ clientSecret: 'a wrong secret' }), token)).toBe(
      '503 temporarily_unavailable',
    );
  });
});

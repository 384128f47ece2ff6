import { beforeAll, describe, expect, it } from 'vitest';
import { admin } from '../../../support/admin.js';
import { AUTH0, DIALECTS, NATIVE } from '../../../support/dialects.js';
import { bearer, form, get, request } from '../../../support/http.js';
import { ATLAS, LIBRARY, useLibrary } from '../../../support/library.js';
import { aClient, aResource, register, type TestClient } from '../../../support/registration.js';

const MAX_JWT_BYTES = 7 * 1024;
const WIDE = 'urn:wide';

const library = useLibrary();
let client: TestClient;

const items = (count: number) => Array.from({ length: count }, (_, n) => `book:${n + 1000}:read`).join(' ');

/** A client whose whole grant names each of so many identifiers. */
async function grantedPieceByPiece(id: string, token_format: string, count = 2_000): Promise<TestClient> {
  const one = await aClient(library.server, id).withTokens({ token_format }).register();
  await register(library.server, 'AccessPolicy', id, {
    engine: 'rules',
    link: [{ resourceType: 'Client', id }],
    rules: Array.from({ length: count }, (_, n) => ({
      effect: 'allow',
      resource: 'wide',
      identifier: `a-long-identifier-${n}`,
      operations: ['read'],
    })),
  });
  return one;
}

beforeAll(async () => {
  await aResource(library.server, 'wide', ['read'], { audience: WIDE });
  client = await aClient(library.server)
    .withTokens({ token_format: 'jwt', refresh_token: true })
    .withGrant('book:*:read')
    .register();
});

describe.each(DIALECTS)('A JWT of the $name dialect', (dialect) => {
  it('issues JWTs up to the size that every endpoint accepts, and no larger (fault B9)', async () => {
    const { url } = library.server;
    const ask = (count: number) => client.ask(dialect, { audience: LIBRARY, scope: items(count) });
    let [fits, exceeds] = [100, 1_000];
    while (exceeds - fits > 1) {
      const middle = (fits + exceeds) >> 1;
      const { status, body } = await ask(middle);
      if (status === 200) fits = middle;
      else exceeds = middle;
      if (status !== 200) {
        expect([status, body.error]).toEqual([400, 'invalid_scope']);
        expect(body.error_description).toMatch(/: request fewer scopes, or opaque tokens/);
      }
    }
    const token = (await ask(fits)).body.access_token as string;
    expect(token.length).toBeLessThanOrEqual(MAX_JWT_BYTES);
    expect(token.length).toBeGreaterThan(MAX_JWT_BYTES - 100);
    expect((await form(`${url}/auth/introspect`, { token }, client.basic)).body.active).toBe(true);
    expect((await get(`${url}/auth/verify?scope=book:1000:read`, bearer(token))).status).toBe(200);
    const own = await request(`${url}/Session`, { method: 'DELETE', headers: bearer(token) });
    expect(own.status).toBe(204);
    const other = (await ask(fits)).body.access_token as string;
    expect((await form(`${url}/auth/revoke`, { token: other }, client.basic)).status).toBe(200);
    expect((await form(`${url}/auth/introspect`, { token: other }, client.basic)).body.active).toBe(false);
  });

  it('rejects a JWT that is too large, without writing or counting anything (fault B9)', async () => {
    const quoted = await aClient(library.server)
      .with({ token_quota: { per_hour: 2, enforce: true } })
      .withTokens({ token_format: 'jwt' })
      .withGrant('book:*:read')
      .register();
    const ask = (count: number) => quoted.ask(dialect, { audience: LIBRARY, scope: items(count) });
    for (let n = 0; n < 3; n++) expect((await ask(1_000)).status).toBe(400);
    const sessions = await admin(library.server).get(`/Session?client=${quoted.id}`);
    expect(sessions.body.total).toBe(0);
    expect([(await ask(1)).status, (await ask(1)).status]).toEqual([200, 200]);
  });
});

describe('A whole grant of more items than a request can name', () => {
  it.each(DIALECTS)(
    'is rejected in the $name dialect, and a scope is granted (fault B6)',
    async (dialect) => {
      const one = await grantedPieceByPiece(`many-${dialect.name}`, 'opaque', 2_001);
      const whole = await one.ask(dialect, { audience: WIDE });
      const scope = 'wide:a-long-identifier-2000:read';
      const part = await one.ask(dialect, { audience: WIDE, scope });
      expect([part.status, part.body.scope]).toEqual([200, scope]);
      if (dialect.name === 'authing') expect(whole.body.error_description).toBe('scope is required');
      else expect([whole.status, whole.body.error]).toEqual([400, 'invalid_scope']);
    },
  );
});

describe('A whole grant that is larger than a JWT may be', () => {
  it.each([NATIVE, AUTH0])(
    'rejects a too large whole grant as a JWT and issues it as an opaque token in the $name dialect (fault B9)',
    async (dialect) => {
      const jwt = await grantedPieceByPiece(`jwt-${dialect.name}`, 'jwt');
      const refused = await jwt.ask(dialect, { audience: WIDE });
      expect([refused.status, refused.body.error]).toEqual([400, 'invalid_scope']);
      const opaque = await grantedPieceByPiece(`opaque-${dialect.name}`, 'opaque');
      const { status, body } = await opaque.ask(dialect, { audience: WIDE });
      expect(status).toBe(200);
      expect(body.scope.split(' ')).toHaveLength(2_000);
      const { url } = library.server;
      const verified = await get(
        `${url}/auth/verify?scope=wide:a-long-identifier-1999:read`,
        bearer(body.access_token),
      );
      expect([verified.status, verified.headers.get('x-scope-omitted')]).toEqual([200, 'too-long']);
    },
  );
});

describe('A refresh for which the JWT would be too large', () => {
  it('rejects a refresh whose JWT is too large and keeps the refresh token (fault B9)', async () => {
    const family = await aClient(library.server)
      .withTokens({ token_format: 'opaque', refresh_token: true })
      .withGrant('book:*:read')
      .register();
    const { refresh_token } = (await family.ask(NATIVE, { audience: LIBRARY, scope: items(1_000) })).body;
    const become = (token_format: string) =>
      admin(library.server).patch(`/Client/${family.id}`, { auth: { client_credentials: { token_format } } });
    const refresh = () => family.post(NATIVE, { grant_type: 'refresh_token', refresh_token });
    await become('jwt');
    const refused = await refresh();
    expect([refused.status, refused.body.error]).toEqual([400, 'invalid_scope']);
    await become('opaque');
    expect((await refresh()).status).toBe(200);
  });
});

describe('The audiences of a JWT', () => {
  it('rejects audiences that make a JWT too large, with a remedy (fault B9)', async () => {
    const audiences = Array.from({ length: 40 }, (_, n) => `urn:${'a'.repeat(200)}:${n}`);
    for (const [n, audience] of audiences.entries()) {
      await aResource(library.server, `long-${n}`, [], { audience });
    }
    const one = await aClient(library.server).withTokens({ token_format: 'jwt' }).withEverything().register();
    const { status, body } = await one.ask(NATIVE, { resource: audiences });
    expect([status, body.error]).toEqual([400, 'invalid_target']);
    expect(body.error_description).toMatch(/: request fewer audiences, or opaque tokens/);
    expect((await one.ask(NATIVE, { resource: [ATLAS, audiences[0] as string] })).status).toBe(200);
  });
});

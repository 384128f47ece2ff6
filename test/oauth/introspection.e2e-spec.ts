import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { admin } from '../support/admin.js';
import { AUTH0, AUTHING, NATIVE } from '../support/dialects.js';
import { basic, form, get, json } from '../support/http.js';
import { aClient, aResource, register, regrant, type TestClient } from '../support/registration.js';
import { startServer, type TestServer } from '../support/server.js';

const PATHS = ['/auth/introspect', '/oauth/introspect', '/oidc/token/introspection'];
const INACTIVE = { active: false };

let server: TestServer;
let client: TestClient;
let stranger: TestClient;
let library: TestClient;

beforeAll(async () => {
  server = await startServer();
  library = await aClient(server, 'library-api').register();
  stranger = await aClient(server).register();
  const introspectors = [{ resourceType: 'Client', id: 'library-api' }];
  await aResource(server, 'book', ['read', 'write'], {
    audience: 'urn:library',
    introspection_clients: introspectors,
  });
  await aResource(server, 'coin', ['spend'], { audience: 'urn:bank' });
  client = await aClient(server).withGrant('book:*:*', 'coin:*:spend').register();
});

afterAll(() => server.stop());

const introspect = (
  caller: TestClient,
  token: string,
  fields: Record<string, string> = {},
  path = PATHS[0],
) => form(server.url + path, { token, ...fields }, caller.basic);

const bookToken = () => client.token(NATIVE, { scope: 'book:1:read coin:spend' });

describe.each(PATHS)('POST %s', (path) => {
  it('accepts POST only (I01, H03, RFC 7662 2.1)', async () => {
    const answer = await get(server.url + path);
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST']);
  });

  it('requires client authentication (I02, C12, RFC 7662 2.1, aioauth#93)', async () => {
    const token = await bookToken();
    const none = await form(server.url + path, { token });
    const wrong = await form(server.url + path, { token }, basic(client.id, 'not its secret'));
    for (const { status, body, headers } of [none, wrong]) {
      expect(status).toBe(401);
      expect(body).toEqual({ error: 'invalid_client', error_description: 'client authentication failed' });
      expect(headers.get('www-authenticate')).toMatch(/^Basic realm=/);
    }
  });

  it('requires the token parameter (I03, RFC 7662 2.1)', async () => {
    const { status, body } = await form(server.url + path, {}, client.basic);
    expect([status, body.error]).toEqual([400, 'invalid_request']);
  });

  it('describes an active token of any dialect, opaque or JWT, without caching (I04, I10, H01, H03, RFC 7662 2.2)', async () => {
    const jwt = await aClient(server).withTokens({ token_format: 'jwt' }).withGrant('book:*:read').register();
    const issuer = `${server.publicUrl}/`;
    const cases = [
      [client, NATIVE, { scope: 'book:1:read' }, client.id, 'urn:library', issuer, 'book:1:read'],
      [jwt, NATIVE, { scope: 'book:1:read' }, jwt.id, 'urn:library', issuer, 'book:1:read'],
      [jwt, AUTH0, { audience: 'urn:library' }, `${jwt.id}@clients`, 'urn:library', issuer, 'read'],
      [jwt, AUTHING, { scope: 'book:read' }, jwt.id, jwt.id, `${server.publicUrl}/oidc`, 'book:read'],
    ] as const;
    for (const [owner, dialect, fields, sub, aud, iss, scope] of cases) {
      const { status, body, headers } = await introspect(owner, await owner.token(dialect, fields), {}, path);
      expect(status).toBe(200);
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('etag')).toBeNull();
      expect(body).toEqual({
        active: true,
        scope,
        client_id: owner.id,
        sub,
        aud,
        iss,
        iat: expect.any(Number),
        exp: body.iat + 3600,
        jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
        token_type: 'Bearer',
      });
    }
  });

  it('accepts JSON by the same rules as a form', async () => {
    const { body } = await json(server.url + path, { token: await bookToken() }, client.basic);
    expect(body.active).toBe(true);
  });

  it('reports unknown, malformed and changed tokens as inactive only (I05, I06, RFC 7662 2.2, CVE-2026-18208)', async () => {
    const token = await bookToken();
    for (const odd of ['x', 'a.b.c', `${token}x`, token.slice(0, -1), `lka_${'A'.repeat(70)}`, '☃']) {
      const { status, body } = await introspect(client, odd, {}, path);
      expect([status, body]).toEqual([200, INACTIVE]);
    }
  });

  it('ignores a wrong token_type_hint (I08, RFC 7662 2.1)', async () => {
    const token = await bookToken();
    for (const token_type_hint of ['access_token', 'refresh_token', 'id_token', 'nonsense', '']) {
      const { body } = await introspect(client, token, { token_type_hint }, path);
      expect(body.active, token_type_hint).toBe(true);
    }
  });
});

describe('The access of a caller to a token', () => {
  it('reports a token as inactive to an unrelated client (I07, RFC 7662 4, CVE-2026-37979)', async () => {
    expect((await introspect(stranger, await bookToken())).body).toEqual(INACTIVE);
  });

  it('shows the clients of a resource its items and no others (I07, RFC 7662 4, KC#49794)', async () => {
    const { body } = await introspect(library, await bookToken());
    expect([body.active, body.scope, body.client_id]).toEqual([true, 'book:1:read', client.id]);
    expect((await introspect(library, await client.token(NATIVE, { scope: 'coin:spend' }))).body).toEqual(
      INACTIVE,
    );
  });

  it('gives no resource access to an item on *', async () => {
    const everything = await aClient(server).withEverything().register();
    expect((await introspect(library, await everything.token(NATIVE, { scope: '*' }))).body).toEqual(
      INACTIVE,
    );
  });

  it('shows a token without a scope to the clients of its audience', async () => {
    const aud = 'urn:library';
    await register(server, 'Client', 'plain', { secret: 'verysecret', grant_types: ['client_credentials'] });
    const own = await aClient(server).register();
    expect((await introspect(library, await own.token(NATIVE))).body).toEqual(INACTIVE);
    const { body } = await introspect(library, await client.token(NATIVE, { audience: aud }));
    expect([body.active, body.scope, body.aud]).toEqual([true, 'read write', aud]);
  });

  it('shows all tokens of a client to a caller with Session:<client>:introspect', async () => {
    const watcher = await aClient(server).withGrant(`Session:${client.id}:introspect`).register();
    expect((await introspect(watcher, await bookToken())).body).toMatchObject({ active: true });
    expect((await introspect(watcher, await stranger.token(NATIVE))).body).toEqual(INACTIVE);
  });
});

describe('A current introspection response', () => {
  it('shows the scope that the policies still allow, and inactive when none is left (I14, ASVS 8.3.2)', async () => {
    const changing = await aClient(server).withGrant('book:*:*').register();
    const token = await changing.token(NATIVE, { scope: 'book:1:read book:1:write' });
    await regrant(server, changing, 'book:*:read');
    expect((await introspect(changing, token)).body).toMatchObject({ active: true, scope: 'book:1:read' });
    await regrant(server, changing, 'coin:*:spend');
    expect((await introspect(changing, token)).body).toEqual(INACTIVE);
  });

  it('is inactive once the session is closed or the client disabled (I09, R10, RFC 7662 4)', async () => {
    const closed = await aClient(server).register();
    const token = await closed.token(NATIVE);
    await admin(server).patch(`/Client/${closed.id}`, { active: false });
    await admin(server).patch(`/Client/${closed.id}`, { active: true });
    expect((await introspect(closed, token)).body).toEqual(INACTIVE);
    const again = await closed.token(NATIVE);
    await admin(server).delete(`/Session?client=${closed.id}`);
    expect((await introspect(closed, again)).body).toEqual(INACTIVE);
  });

  it('describes a refresh token without token_type (I11, RFC 7662 2.2)', async () => {
    const refreshing = await aClient(server).withTokens({ refresh_token: true }).register();
    const { body: issued } = await refreshing.ask(NATIVE);
    const { body } = await introspect(refreshing, issued.refresh_token);
    expect(body).toMatchObject({ active: true, client_id: refreshing.id });
    expect(body).not.toHaveProperty('token_type');
    await refreshing.post(NATIVE, { grant_type: 'refresh_token', refresh_token: issued.refresh_token });
    expect((await introspect(refreshing, issued.refresh_token)).body).toEqual(INACTIVE);
  });
});

describe('A refresh token that is introspected', () => {
  const refreshing = (tokens: object = {}) =>
    aClient(server)
      .withTokens({ refresh_token: true, ...tokens })
      .withGrant('book:*:*', 'coin:*:spend')
      .register();
  const refresh = (one: TestClient, refresh_token: string, fields: Record<string, string> = {}) =>
    one.post(NATIVE, { grant_type: 'refresh_token', refresh_token, ...fields });

  it('shows the scope that a refresh would grant now, even after a narrowed one (F04, I14, OAuth 2.1 4.3.3)', async () => {
    const one = await refreshing();
    const first = (await one.ask(NATIVE, { scope: 'book:1:read coin:spend' })).body;
    const narrow = (
      await refresh(one, first.refresh_token, { scope: 'book:1:read', resource: 'urn:library' })
    ).body;
    const reported = (await introspect(one, narrow.refresh_token)).body;
    expect(reported).toMatchObject({ scope: 'book:1:read coin:spend', aud: ['urn:library', 'urn:bank'] });
    expect((await introspect(library, narrow.refresh_token)).body.scope).toBe('book:1:read');
    await regrant(server, one, 'coin:*:spend');
    expect((await introspect(one, narrow.refresh_token)).body).toMatchObject({
      active: true,
      scope: 'coin:spend',
    });
    expect((await introspect(library, narrow.refresh_token)).body).toEqual(INACTIVE);
    expect((await refresh(one, narrow.refresh_token)).body.scope).toBe('coin:spend');
  });

  it('reports a refresh token as active exactly while a refresh works (RFC 7662 2.2)', async () => {
    const one = await refreshing({ refresh_token_reuse_grace: 300 });
    const first = (await one.ask(NATIVE, { scope: 'book:1:read' })).body;
    const next = (await refresh(one, first.refresh_token)).body;
    expect((await introspect(one, first.refresh_token)).body.active).toBe(true);
    await refresh(one, next.refresh_token);
    expect((await introspect(one, first.refresh_token)).body).toEqual(INACTIVE);
    const last = (await one.ask(NATIVE, { scope: 'book:1:read' })).body;
    await admin(server).patch(`/Client/${one.id}`, {
      auth: { client_credentials: { refresh_token: false } },
    });
    expect((await refresh(one, last.refresh_token)).body.error).toBe('unauthorized_client');
    expect((await introspect(one, last.refresh_token)).body).toEqual(INACTIVE);
    expect((await introspect(one, last.access_token)).body.active).toBe(true);
  });
});

describe('A signed answer (RFC 9701)', () => {
  const SIGNED = 'application/token-introspection+jwt';
  const ask = async (token: string, accept: string) =>
    form(`${server.url}/auth/introspect`, { token }, { ...client.basic, accept });

  it('signs the response for the caller when its media type is requested (I12, RFC 9701 4)', async () => {
    const answer = await ask(await bookToken(), SIGNED);
    expect(answer.headers.get('content-type')).toBe(SIGNED);
    const keys = createRemoteJWKSet(new URL(`${server.url}/.well-known/jwks.json`));
    const { payload, protectedHeader } = await jwtVerify(answer.text, keys, {
      issuer: `${server.publicUrl}/`,
      audience: client.id,
    });
    expect(protectedHeader.typ).toBe('token-introspection+jwt');
    expect(Object.keys(payload).sort()).toEqual(['aud', 'iat', 'iss', 'token_introspection']);
    expect(payload.token_introspection).toMatchObject({ active: true, client_id: client.id });
  });

  it.each([
    ['/auth/introspect', '/.well-known/oauth-authorization-server'],
    ['/oidc/token/introspection', '/oidc/.well-known/oauth-authorization-server'],
  ])('signs at %s with each algorithm of the metadata (K05, RFC 9701 7)', async (path, metadata) => {
    const { body } = await get(server.url + metadata);
    for (const signing_alg of body.introspection_signing_alg_values_supported) {
      const caller = await aClient(server).withTokens({ signing_alg }).register();
      const asked = { ...caller.basic, accept: SIGNED };
      const { text } = await form(server.url + path, { token: 'unknown' }, asked);
      expect(decodeProtectedHeader(text).alg).toBe(signing_alg);
      expect(decodeJwt(text).iss).toBe(body.issuer);
    }
  });

  it('contains only active: false for an inactive token (I13, RFC 9701 6, CVE-2026-18208)', async () => {
    const { text } = await ask('unknown', SIGNED);
    const claims = JSON.parse(Buffer.from(text.split('.')[1] as string, 'base64url').toString());
    expect(claims.token_introspection).toEqual(INACTIVE);
  });

  it('matches the media type in any case and with parameters (I12, RFC 9110 8.3.1)', async () => {
    for (const accept of [
      'Application/Token-Introspection+JWT',
      `${SIGNED};q=0.9`,
      `${SIGNED};charset=utf-8`,
    ]) {
      expect((await ask('unknown', accept)).headers.get('content-type'), accept).toBe(SIGNED);
    }
  });

  it('answers JSON to Accept */* and to a preference for JSON', async () => {
    for (const accept of ['*/*', `application/json, ${SIGNED};q=0.5`]) {
      expect((await ask('unknown', accept)).body).toEqual(INACTIVE);
    }
  });

  it('rejects a signed response as an access token (J14, RFC 8725 3.12)', async () => {
    const { text } = await ask(await bookToken(), SIGNED);
    const { status } = await get(`${server.url}/Session`, { authorization: `Bearer ${text}` });
    expect(status).toBe(401);
  });
});

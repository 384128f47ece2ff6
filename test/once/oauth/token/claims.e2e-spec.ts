import { decodeJwt } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Admin, admin } from '../../../support/admin.js';
import { AUTH0, DIALECTS, type Dialect, NATIVE } from '../../../support/dialects.js';
import { bearer, form, get, request } from '../../../support/http.js';
import { ATLAS, LIBRARY, READ_BOOK_1, useLibrary } from '../../../support/library.js';
import { aClient, aResource, type TestClient } from '../../../support/registration.js';

const library = useLibrary();
let root: Admin;
let introspector: TestClient;

beforeAll(async () => {
  root = admin(library.server);
  await aResource(library.server, 'tent', ['pitch'], {
    audience: 'urn:camp',
    claims: { tenant: 'from the audience', zone: 'eu' },
  });
  introspector = await aClient(library.server).withGrant('Session:*:introspect').register();
});

const CLAIMS = {
  'https://example.com/tenant': 'acme "Ω" \n',
  tier: 3,
  beta: true,
  limits: { requests: [1, 2.5, null], nested: { empty: {} } },
  nothing: null,
};

const aTenant = (claims: object, tokens = {}) =>
  aClient(library.server)
    .with({ claims })
    .withTokens({ token_format: 'jwt', ...tokens })
    .withGrant('book:*:*', 'map:*:zoom', 'tent:*:pitch')
    .register();

const introspected = async (token: string) =>
  (await form(`${library.server.url}/auth/introspect`, { token }, introspector.basic)).body;

const verified = (token: string, query: string) =>
  get(`${library.server.url}/auth/verify?scope=book:1:read&${query}`, bearer(token));

const setClaims = async (path: string, claims: object | null) => {
  const answer = await root.patch(path, { claims: null });
  expect(answer.status, answer.text).toBe(200);
  if (claims) expect((await root.patch(path, { claims })).status).toBe(200);
};

describe.each(DIALECTS)('Static claims in the $name dialect', (dialect: Dialect) => {
  it('are in JWTs and their introspection, beside all others and any JSON value', async () => {
    const client = await aTenant(CLAIMS);
    const token = await client.token(dialect, READ_BOOK_1);
    const claims = decodeJwt(token);
    expect(claims).toMatchObject(CLAIMS);
    expect(claims).toMatchObject({ aud: LIBRARY, client_id: client.id, scope: 'book:1:read' });
    expect(await introspected(token)).toMatchObject({ ...CLAIMS, active: true, client_id: client.id });
    expect((await verified(token, 'audience=urn:library')).status).toBe(200);
  });

  it('are those of the audience too, and those of the client win', async () => {
    const client = await aTenant({ tenant: 'from the client' });
    const token = await client.token(dialect, { audience: 'urn:camp', scope: 'tent:pitch' });
    expect(decodeJwt(token)).toMatchObject({ tenant: 'from the client', zone: 'eu' });
    const other = decodeJwt(await client.token(dialect, READ_BOOK_1));
    expect(other.tenant).toBe('from the client');
    expect(other).not.toHaveProperty('zone');
  });
});

describe('Static claims', () => {
  it('are the current ones in the introspection of an opaque token, and after a refresh', async () => {
    const client = await aTenant({ tier: 1 }, { token_format: 'opaque', refresh_token: true });
    const { body } = await client.ask(NATIVE, READ_BOOK_1);
    expect((await introspected(body.access_token)).tier).toBe(1);
    expect((await introspected(body.refresh_token)).tier).toBe(1);
    await setClaims(`/Client/${client.id}`, { tier: 2 });
    expect((await introspected(body.access_token)).tier).toBe(2);
    await root.patch(`/Client/${client.id}`, { auth: { client_credentials: { token_format: 'jwt' } } });
    const refresh = { grant_type: 'refresh_token', refresh_token: body.refresh_token };
    expect(decodeJwt((await client.post(NATIVE, refresh)).body.access_token).tier).toBe(2);
    await setClaims(`/Client/${client.id}`, null);
    expect(await introspected(body.access_token)).not.toHaveProperty('tier');
  });

  it('are in the next token, and in no other client', async () => {
    const [client, other] = [await aTenant({ tier: 1 }), await aTenant({})];
    const tierOf = async (of: TestClient) => decodeJwt(await of.token(NATIVE, READ_BOOK_1)).tier;
    expect([await tierOf(client), await tierOf(other)]).toEqual([1, undefined]);
    await setClaims(`/Client/${client.id}`, { tier: 2 });
    expect([await tierOf(client), await tierOf(other)]).toEqual([2, undefined]);
    await setClaims('/Resource/page', { tier: 9, shelf: 'b' });
    expect([await tierOf(client), await tierOf(other)]).toEqual([2, 9]);
    await setClaims('/Resource/page', null);
    expect([await tierOf(client), await tierOf(other)]).toEqual([2, undefined]);
  });

  it('are in a signed introspection response', async () => {
    const client = await aTenant(CLAIMS);
    const token = await client.token(NATIVE, READ_BOOK_1);
    const { text } = await form(
      `${library.server.url}/auth/introspect`,
      { token },
      { ...introspector.basic, accept: 'application/token-introspection+jwt' },
    );
    expect(decodeJwt(text).token_introspection).toMatchObject({ active: true, ...CLAIMS });
  });

  it('of several audiences are all in one token, unless they contradict each other', async () => {
    const client = await aTenant({});
    const both = { resource: [LIBRARY, ATLAS], scope: 'book:1:read map:1:zoom' };
    await setClaims('/Resource/book', { shelf: 'b', region: 'eu' });
    await setClaims('/Resource/map', { scale: 7, region: 'eu' });
    const token = await client.token(NATIVE, both);
    expect(decodeJwt(token)).toMatchObject({ shelf: 'b', scale: 7, region: 'eu' });
    await setClaims('/Resource/map', { region: 'us' });
    const { status, body } = await client.ask(NATIVE, both);
    expect([status, body.error]).toEqual([400, 'invalid_target']);
    expect(body.error_description).toContain('region');
    expect(await introspected(token)).not.toHaveProperty('region');
    await setClaims(`/Client/${client.id}`, { region: 'moon' });
    expect(decodeJwt(await client.token(NATIVE, both)).region).toBe('moon');
    for (const id of ['book', 'map']) await setClaims(`/Resource/${id}`, null);
  });

  it('are 8 KiB at most, for which a JWT still fits a request to this server', async () => {
    const blob = 'x'.repeat(8192 - '{"blob":""}'.length);
    const client = await aTenant({ blob }, { audience: [LIBRARY] });
    const token = await client.token(NATIVE, READ_BOOK_1);
    expect(decodeJwt(token).blob).toHaveLength(8181);
    expect((await verified(token, 'audience=urn:library')).status).toBe(200);
  });
});

describe('Claims at /auth/verify', () => {
  let token: string;

  beforeAll(async () => {
    const claims = {
      'https://example.com/tenant_id': 'acme',
      tier: 3,
      beta: false,
      nothing: null,
      list: ['a', 'é'],
      name: 'Ελένη\r\nX-Client-Id: root',
      spaced: ' a ',
      quoted: '"3"',
      empty: '',
    };
    token = await (await aTenant(claims)).token(NATIVE, READ_BOOK_1);
  });

  const headersOf = async (query: string, expected = 200) => {
    const { status, headers, text } = await verified(token, query);
    expect(status, text).toBe(expected);
    return Object.fromEntries([...headers].filter(([name]) => name.startsWith('x-claim')));
  };

  it('are sent only if they are asked for, as safe header values', async () => {
    expect(await headersOf('audience=urn:library')).toEqual({});
    expect(await headersOf('claims=https://example.com/tenant_id,tier&claims=beta%20nothing')).toEqual({
      'x-claim-https-example-com-tenant-id': 'acme',
      'x-claim-tier': '3',
      'x-claim-beta': 'false',
      'x-claim-nothing': 'null',
    });
    expect(await headersOf('claims=list,name,spaced,quoted,empty,absent')).toEqual({
      'x-claim-list': '["a","\\u00e9"]',
      'x-claim-name': '"\\u0395\\u03bb\\u03ad\\u03bd\\u03b7\\r\\nX-Client-Id: root"',
      'x-claim-spaced': '" a "',
      'x-claim-quoted': '"\\"3\\""',
      'x-claim-empty': '""',
    });
  });

  it.each([
    'claims=',
    'claims=sub',
    'claims=ISS',
    'claims=%C3%A9',
    'claims=a.b,a_b',
    'claims=%ff',
    'claim=tier',
  ])('reject %s', async (query) => {
    expect(await headersOf(query, 400)).toEqual({});
  });

  it('are omitted as a whole beyond 3 KiB', async () => {
    const client = await aTenant({ long: 'x'.repeat(3070), tier: 3 });
    const { headers } = await verified(await client.token(NATIVE, READ_BOOK_1), 'claims=long,tier');
    expect([headers.get('x-claims-omitted'), headers.get('x-claim-tier')]).toEqual(['too-long', null]);
  });
});

describe('A resource with an _authz profile', () => {
  it.each([
    ['rfc9068_authz', 'at+jwt'],
    ['classic_authz', 'JWT'],
  ])('gets the permissions of Auth0 with %s', async (profile, typ) => {
    await aResource(library.server, 'tent', ['pitch', 'fold'], { audience: 'urn:camp', token: { profile } });
    const client = await aClient(library.server)
      .withTokens({ token_format: 'jwt' })
      .withGrant('tent:*:*', 'book:*:read')
      .register();
    const token = await client.token(AUTH0, { audience: 'urn:camp', scope: 'pitch fold' });
    const { permissions, scope } = decodeJwt(token);
    expect([permissions, scope]).toEqual([['pitch', 'fold'], 'pitch fold']);
    expect(JSON.parse(Buffer.from(token.split('.')[0] as string, 'base64url').toString()).typ).toBe(typ);
    expect((await introspected(token)).permissions).toEqual(['pitch', 'fold']);
    const plain = await client.token(AUTH0, { audience: LIBRARY });
    expect(decodeJwt(plain)).not.toHaveProperty('permissions');
    expect(
      (await request(`${library.server.url}/auth/verify?scope=tent:pitch`, { headers: bearer(token) }))
        .status,
    ).toBe(200);
  });
});

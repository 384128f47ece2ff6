import { describe, expect, it } from 'vitest';
import { admin } from '../../../support/admin.js';
import { AUTH0, AUTHING, NATIVE } from '../../../support/dialects.js';
import { bearer, form, get, request } from '../../../support/http.js';
import { ATLAS, LIBRARY, useLibrary } from '../../../support/library.js';
import { aClient, register, type TestClient } from '../../../support/registration.js';

const UNREGISTERED = 'https://api.example.com';
const INACTIVE = { active: false };

const library = useLibrary();

const listing = (audience: string[] | undefined, tokens: object = {}) =>
  aClient(library.server)
    .withTokens({ ...(audience ? { audience } : {}), ...tokens })
    .withGrant('book:*:*', 'page:*:*', 'map:*:*', 'diary:*:*', 'Resource:*:*')
    .register();

const list = async (client: TestClient, audience: string[] | null) => {
  const { status } = await admin(library.server).patch(`/Client/${client.id}`, {
    auth: { client_credentials: { audience } },
  });
  expect(status).toBe(200);
};

const introspect = async (client: TestClient, token: string) =>
  (await form(`${library.server.url}/auth/introspect`, { token }, client.basic)).body;

const verify = (token: string, query: string) =>
  get(`${library.server.url}/auth/verify?${query}`, bearer(token));

const readsAs = (token: string) => request(`${library.server.url}/Resource/book`, { headers: bearer(token) });

describe('An audience that is taken from the list of a client', () => {
  it.each([
    { dialect: NATIVE, token_format: 'opaque' },
    { dialect: NATIVE, token_format: 'jwt' },
    { dialect: AUTH0, token_format: 'jwt' },
    { dialect: AUTHING, token_format: 'opaque' },
  ])(
    'ends the tokens that were issued for it, and gives them back: $dialect.name, $token_format (fault A8)',
    async ({ dialect, token_format }) => {
      const client = await listing([LIBRARY, ATLAS], { token_format });
      const token = await client.token(dialect, { audience: LIBRARY, scope: 'book:1:read' });
      const other = await client.token(dialect, { audience: ATLAS, scope: 'map:1:zoom' });
      const before = await introspect(client, token);
      expect(before).toMatchObject({ active: true, aud: LIBRARY, scope: 'book:1:read' });
      await list(client, [ATLAS]);
      expect(await introspect(client, token)).toEqual(INACTIVE);
      for (const query of ['scope=book:1:read', `audience=${LIBRARY}`]) {
        const { status, body } = await verify(token, query);
        expect([status, body.error]).toEqual([401, 'invalid_token']);
      }
      expect((await introspect(client, other)).active).toBe(true);
      expect((await verify(other, 'scope=map:1:zoom')).status).toBe(200);
      await list(client, [ATLAS, LIBRARY]);
      expect(await introspect(client, token)).toEqual(before);
      expect((await verify(token, 'scope=book:1:read')).status).toBe(200);
    },
  );

  it('ends the tokens of a client that had no list (fault A8)', async () => {
    const client = await listing(undefined);
    const token = await client.token(NATIVE, { scope: 'book:1:read' });
    expect((await verify(token, 'scope=book:1:read')).status).toBe(200);
    await list(client, []);
    expect(await introspect(client, token)).toEqual(INACTIVE);
    expect((await verify(token, 'scope=book:1:read')).status).toBe(401);
    await list(client, null);
    expect((await verify(token, 'scope=book:1:read')).status).toBe(200);
  });

  it('is left out of a token that is for others as well, with its items (fault A8)', async () => {
    const client = await listing([LIBRARY, ATLAS]);
    const token = await client.token(NATIVE, {
      resource: [LIBRARY, ATLAS],
      scope: 'book:1:read turn geocode:location map:1:zoom',
    });
    await list(client, [ATLAS]);
    expect(await introspect(client, token)).toMatchObject({
      active: true,
      aud: ATLAS,
      scope: 'geocode:location map:1:zoom',
    });
    const { status, headers } = await verify(token, 'scope=map:1:zoom');
    expect([status, headers.get('x-scope')]).toEqual([200, 'geocode:location map:1:zoom']);
    for (const query of ['scope=book:1:read', 'scope=page:1:turn', `audience=${LIBRARY}`]) {
      const { status, body } = await verify(token, query);
      expect([query, status, body.error]).toEqual([query, 403, 'insufficient_scope']);
    }
    await list(client, [UNREGISTERED]);
    expect(await introspect(client, token)).toEqual(INACTIVE);
  });

  it('ends a token whose items all belong to it, although its other audience remains (fault A8)', async () => {
    const client = await listing([LIBRARY, ATLAS]);
    const fields = { resource: [LIBRARY, ATLAS] };
    const bare = await client.token(NATIVE, { ...fields, scope: 'turn' });
    const named = await client.token(NATIVE, { ...fields, scope: 'book:1:read' });
    await list(client, [ATLAS]);
    for (const token of [bare, named]) {
      expect(await introspect(client, token)).toEqual(INACTIVE);
      expect((await verify(token, `audience=${ATLAS}`)).status).toBe(401);
    }
  });

  it('takes its items from a token that was issued without an audience (fault A8)', async () => {
    const client = await listing([LIBRARY, ATLAS], { token_format: 'opaque' });
    const token = await client.token(AUTHING, { scope: 'book:1:read map:1:zoom' });
    expect(await introspect(client, token)).toMatchObject({
      aud: client.id,
      scope: 'book:1:read map:1:zoom',
    });
    await list(client, [ATLAS]);
    expect(await introspect(client, token)).toMatchObject({ aud: client.id, scope: 'map:1:zoom' });
    const { status, headers } = await verify(token, `audience=${client.id}`);
    expect([status, headers.get('x-scope')]).toEqual([200, 'map:1:zoom']);
    await list(client, [UNREGISTERED]);
    expect(await introspect(client, token)).toEqual(INACTIVE);
    expect((await verify(token, `audience=${client.id}`)).status).toBe(401);
  });

  it('ends tokens for an audience that no resource has (fault A8)', async () => {
    const client = await listing([UNREGISTERED, LIBRARY]);
    const token = await client.token(NATIVE);
    expect(await introspect(client, token)).toMatchObject({ active: true, aud: UNREGISTERED });
    await list(client, [LIBRARY]);
    expect(await introspect(client, token)).toEqual(INACTIVE);
  });

  it('ends access to the administration API, and leaves closing the own session (fault A8)', async () => {
    const client = await listing([library.own]);
    const [unscoped, scoped] = [
      await client.token(NATIVE),
      await client.token(NATIVE, { scope: 'Resource:book:read' }),
    ];
    for (const token of [unscoped, scoped]) expect((await readsAs(token)).status).toBe(200);
    await list(client, [LIBRARY]);
    for (const token of [unscoped, scoped]) {
      const { status, headers } = await readsAs(token);
      expect([status, headers.get('www-authenticate')]).toEqual([
        401,
        expect.stringContaining('error="invalid_token"'),
      ]);
    }
    const closing = await request(`${library.server.url}/Session`, {
      method: 'DELETE',
      headers: bearer(unscoped),
    });
    expect(closing.status).toBe(204);
    await list(client, [library.own]);
    expect((await readsAs(unscoped)).status).toBe(401);
    expect((await readsAs(scoped)).status).toBe(200);
  });

  it('is not given by a refresh (fault A8, RFC 8707 2.2)', async () => {
    const client = await listing([LIBRARY, ATLAS], { refresh_token: true });
    const { body } = await client.ask(NATIVE, {
      resource: [LIBRARY, ATLAS],
      scope: 'book:1:read map:1:zoom',
    });
    const refresh_token = body.refresh_token as string;
    await list(client, [ATLAS]);
    expect(await introspect(client, refresh_token)).toMatchObject({ aud: ATLAS, scope: 'map:1:zoom' });
    const refreshed = (await client.post(NATIVE, { grant_type: 'refresh_token', refresh_token })).body;
    expect(refreshed.scope).toBe('map:1:zoom');
    expect(await introspect(client, refreshed.access_token)).toMatchObject({ aud: ATLAS });
  });

  it('is shown to the introspection clients of the other resources only (fault A8)', async () => {
    const reader = await aClient(library.server).register();
    const introspection_clients = [{ resourceType: 'Client', id: reader.id }];
    const operations = [{ name: 'see' }];
    await register(library.server, 'Resource', 'star', {
      audience: 'urn:sky',
      operations,
      introspection_clients,
    });
    const client = await aClient(library.server)
      .withTokens({ audience: ['urn:sky', ATLAS] })
      .withGrant('star:*:*', 'map:*:*')
      .register();
    const token = await client.token(NATIVE, {
      resource: ['urn:sky', ATLAS],
      scope: 'star:1:see map:1:zoom',
    });
    expect(await introspect(reader, token)).toMatchObject({ active: true, scope: 'star:1:see' });
    await list(client, [ATLAS]);
    expect(await introspect(reader, token)).toEqual(INACTIVE);
    expect((await introspect(client, token)).scope).toBe('map:1:zoom');
  });
});

import { decodeJwt } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { expectProblem } from '../../admin/answers.js';
import { type Admin, admin } from '../../support/admin.js';
import { NATIVE } from '../../support/dialects.js';
import { bearer, get, request } from '../../support/http.js';
import { useLibrary } from '../../support/library.js';
import { aClient, aResource, type TestClient } from '../../support/registration.js';

const MCP = 'https://mcp.example/tools';
const BY_ID = '/.well-known/oauth-protected-resource/Resource/';

const library = useLibrary();
let root: Admin;
let client: TestClient;

beforeAll(async () => {
  root = admin(library.server);
  await aResource(library.server, 'tools', ['add', 'delete'], { uri: MCP });
  client = await aClient(library.server)
    .withTokens({ token_format: 'jwt' })
    .withGrant('tools:*:add')
    .register();
});

const metadata = (path: string) => get(library.server.url + path);
const metadataUrl = (id: string) => `${library.server.publicUrl}${BY_ID}${id}`;

describe('A resource with a uri', () => {
  it('has it as its audience unless it has another', async () => {
    const { body } = await root.get('/Resource/tools');
    expect([body.uri, body.audience, body.public]).toEqual([MCP, MCP, undefined]);
    const uri = 'https://books.example/';
    await root.put('/Resource/books', { uri, audience: 'urn:books', operations: [{ name: 'read' }] });
    const answer = await root.get('/Resource/books');
    expect([answer.body.uri, answer.body.audience]).toEqual([uri, 'urn:books']);
    expect((await root.put('/Resource/books', answer.body)).headers.get('etag')).toBe(
      answer.headers.get('etag'),
    );
  });

  it('is named by its uri or its audience in a token request', async () => {
    await root.put('/Resource/maps', {
      uri: 'https://Maps.example',
      audience: 'urn:maps',
      operations: [{ name: 'zoom' }],
    });
    const reader = await aClient(library.server)
      .withTokens({ token_format: 'jwt', audience: ['urn:maps'] })
      .withGrant('maps:*:zoom')
      .register();
    for (const resource of ['urn:maps', 'https://Maps.example', 'https://maps.example:443/']) {
      expect(decodeJwt(await reader.token(NATIVE, { resource })).aud).toBe('urn:maps');
    }
    const { status, body } = await client.ask(NATIVE, { resource: 'https://maps.example' });
    expect([status, body.error]).toEqual([400, 'invalid_target']);
  });

  it.each([
    'http://mcp.example/tools',
    'ftp://mcp.example/tools',
    'mcp.example/tools',
    '/tools',
    'urn:tools',
    'https://user@mcp.example/',
    'https://mcp.example/?x',
    'https://mcp.example/#x',
    'https://mcp.example/a b',
    `https://mcp.example/${'x'.repeat(255)}`,
    '',
    7,
  ])('rejects the uri %s', async (uri) => {
    expectProblem(await root.put('/Resource/odd', { uri }), 422, ['uri']);
  });

  it('accepts plain HTTP on loopback', async () => {
    for (const uri of ['http://localhost:3000/mcp', 'http://127.0.0.1:3000/mcp', 'http://[::1]:3000/mcp']) {
      const id = `local-${encodeURIComponent(uri).replaceAll('%', '')}`;
      expect((await root.put(`/Resource/${id}`, { uri })).status).toBe(201);
    }
  });

  it('rejects a uri that stands for another audience', async () => {
    const { publicUrl } = library.server;
    for (const uri of [`${publicUrl}/`, publicUrl, `${publicUrl}/oidc`, 'https://MCP.example/tools']) {
      expectProblem(await root.put('/Resource/other', { uri, audience: 'urn:other' }), 409);
    }
    expectProblem(await root.put('/Resource/other', { audience: 'HTTPS://mcp.example:443/tools' }), 409);
    expect(
      (await root.put('/Resource/beside', { uri: 'https://MCP.example/tools', audience: MCP })).status,
    ).toBe(201);
    await root.delete('/Resource/beside');
  });

  it('takes no audience from a client without the right to change that client', async () => {
    const uri = 'https://unregistered.example/';
    const user = await aClient(library.server)
      .withTokens({ token_format: 'jwt', audience: [uri] })
      .register();
    expect(decodeJwt(await user.token(NATIVE)).aud).toBe(uri);
    const deputy = await aClient(library.server)
      .with({ grant_types: ['basic', 'client_credentials'] })
      .withGrant('Resource:own:create,read,update,delete')
      .register();
    const own = admin(library.server, deputy.basic);
    const resource = { audience: 'urn:own', operations: [{ name: 'read' }] };
    expect((await own.put('/Resource/own', resource)).status).toBe(201);
    const refused = await own.put('/Resource/own', { ...resource, uri });
    expect(refused.status).toBe(403);
    expect(refused.body.detail).toContain(`Client:${user.id}:update`);
    expect(decodeJwt(await user.token(NATIVE)).aud).toBe(uri);
  });
});

describe('The metadata of a protected resource (RFC 9728 2)', () => {
  it('names the resource and this server, and nothing that is not public', async () => {
    const { status, body, headers } = await metadata(`${BY_ID}tools`);
    expect(status).toBe(200);
    expect(body).toEqual({
      resource: MCP,
      authorization_servers: [library.own],
      bearer_methods_supported: ['header'],
    });
    expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(headers.get('cache-control')).toBe('public, max-age=300');
  });

  it('lists name and operations of public resources only, those that share its audience included', async () => {
    const audience = 'https://shared.example/';
    const named = (name: string) => ({ operations: [{ name }], audience });
    await root.put('/Resource/shared', { ...named('read'), uri: audience, name: 'Shared', public: true });
    await root.put('/Resource/sibling', { ...named('write'), public: true });
    await root.put('/Resource/secret', named('destroy'));
    const { body } = await metadata(`${BY_ID}shared`);
    expect([body.resource_name, body.scopes_supported]).toEqual(['Shared', ['read', 'write']]);
    await root.patch('/Resource/shared', { public: false });
    expect(Object.keys((await metadata(`${BY_ID}shared`)).body)).toEqual([
      'resource',
      'authorization_servers',
      'bearer_methods_supported',
    ]);
  });

  it('is at the well-known path of a resource behind the public URL (RFC 9728 3.1)', async () => {
    const uri = `${library.server.publicUrl}/apis/books%20/`;
    await root.put('/Resource/behind', { uri, operations: [{ name: 'read' }] });
    const { status, body } = await metadata('/.well-known/oauth-protected-resource/apis/books%20/');
    expect([status, body.resource]).toEqual([200, uri]);
    expect((await metadata('/.well-known/oauth-protected-resource/apis/books%20')).status).toBe(404);
  });

  it('exists only for resources with a uri', async () => {
    for (const path of [
      '',
      '/',
      '/tools',
      '/Resource/',
      '/Resource/book',
      '/Resource/Client',
      '/Resource/x/y',
    ]) {
      const { status, body } = await metadata(`/.well-known/oauth-protected-resource${path}`);
      expect([path, status, body.error]).toEqual([path, 404, 'invalid_request']);
    }
  });
});

describe('A rejection at /auth/verify (RFC 9728 5.1)', () => {
  const ask = (search: string, headers = {}) =>
    request(`${library.server.url}/auth/verify?${search}`, { headers });
  const challenge = async (search: string, headers = {}) => {
    const answer = await ask(search, headers);
    return [answer.status, answer.headers.get('www-authenticate')];
  };

  it('names the metadata and the scope for a request without a token', async () => {
    expect(await challenge('scope=tools:*:add+tools:*:delete')).toEqual([
      401,
      `Bearer realm="latchkey", resource_metadata="${metadataUrl('tools')}", scope="tools:*:add tools:*:delete"`,
    ]);
    expect(await challenge(`audience=${encodeURIComponent(MCP)}`)).toEqual([
      401,
      `Bearer realm="latchkey", resource_metadata="${metadataUrl('tools')}"`,
    ]);
  });

  it('names every missing item, and no other, for a token that lacks some', async () => {
    const token = await client.token(NATIVE, { resource: MCP });
    const search = 'scope=tools:*:add&scope=tools:1:delete&scope=tools:2:delete';
    expect(await challenge(search, bearer(token))).toEqual([
      403,
      'Bearer realm="latchkey", error="insufficient_scope", ' +
        'error_description="the caller lacks tools:1:delete tools:2:delete", ' +
        `resource_metadata="${metadataUrl('tools')}", scope="tools:1:delete tools:2:delete"`,
    ]);
  });

  it('names them for an invalid token and for one of another audience', async () => {
    const [status, text] = await challenge('scope=tools:*:add', bearer('lka_invalid'));
    expect(status).toBe(401);
    expect(text).toContain(`error="invalid_token"`);
    expect(text).toMatch(new RegExp(`resource_metadata="${metadataUrl('tools')}", scope="tools:\\*:add"$`));
    const reader = await aClient(library.server).withGrant('book:*:read', 'tools:*:add').register();
    const elsewhere = bearer(await reader.token(NATIVE, { audience: 'urn:library' }));
    const [refused, reason] = await challenge(`audience=${encodeURIComponent(MCP)}&scope=add`, elsewhere);
    expect(refused).toBe(403);
    expect(reason).toMatch(new RegExp(`resource_metadata="${metadataUrl('tools')}", scope="add"$`));
  });

  it('keeps the challenge shorter than what gateways read', async () => {
    const items = Array.from({ length: 100 }, (_, at) => `tools:${'x'.repeat(60)}${at}:delete`);
    const token = await client.token(NATIVE, { resource: MCP });
    for (const headers of [{}, bearer(token)]) {
      const [, text] = await challenge(`scope=${items.join('+')}`, headers);
      expect(String(text).length).toBeLessThan(2_000);
      const scope = /scope="([^"]*)"$/.exec(String(text))?.[1]?.split(' ') ?? [];
      expect(scope).toEqual(items.slice(0, scope.length));
      expect(scope.length).toBeGreaterThan(5);
    }
  });

  it('names no metadata for a resource without a uri', async () => {
    expect(await challenge('scope=book:1:read')).toEqual([
      401,
      'Bearer realm="latchkey", scope="book:1:read"',
    ]);
  });
});

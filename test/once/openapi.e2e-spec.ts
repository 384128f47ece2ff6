import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Contract } from '../support/contract.js';
import { basic, bearer, json, request } from '../support/http.js';
import { exampleOf, openapi, operations } from '../support/openapi.js';
import { startServer, type TestServer } from '../support/server.js';
import { replaceLeaked } from './openapi-incident.js';

const FORM = 'application/x-www-form-urlencoded';
const MERGE_PATCH = 'application/merge-patch+json';
const YAML = { accept: 'text/yaml' };

let server: TestServer;
let contract: Contract;
let root: { authorization: string };

beforeAll(async () => {
  server = await startServer();
  contract = new Contract(server.url);
  root = basic(server.adminId, server.adminSecret);
  await json(`${server.url}/Resource/served`, { uri: 'https://served.example/' }, root, 'PUT');
});

afterAll(() => server?.stop());

/** `METHOD path` of the routes that the server wrote into its log when it started. */
function routes(): string[] {
  const mapped = [...server.stderr().matchAll(/Mapped \{(\S+), (\S+)\} route/g)];
  return mapped.map(
    ([, path = '', method]) => `${method} ${path.replace(/:(\w+)/g, '{$1}').replace('*', '{path}')}`,
  );
}

/** A path under that of the question is made its own before it is routed. */
const UNROUTED = 'ALL /auth/verify/{path}';

describe('The OpenAPI document', () => {
  it('has the routes of the server and no others', () => {
    const documented = operations.map(
      ({ method, path, node }) => `${node['x-every-method'] ? 'ALL' : method} ${path}`,
    );
    expect(routes().length).toBeGreaterThan(0);
    expect(documented.sort()).toEqual([...routes(), UNROUTED].sort());
  });

  it.each(operations)('is served at $method $path', async ({ method, path, node }) => {
    const place = path.includes('protected-resource') ? 'Resource/served' : 'oidc';
    const address = server.url + path.replace('{path}', place).replace('{id}', 'x');
    const others = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND'];
    for (const one of node['x-every-method'] ? others : [method]) {
      expect([404, 405], one).not.toContain((await request(address, { method: one })).status);
    }
  });
});

/** The steps build on each other, with the requests that the document gives as examples. */
describe('Responses match the OpenAPI document', () => {
  const tokens: Record<string, string> = {};
  const apiClient = { client_id: 'api-client', client_secret: 'verysecret' };
  const put = (path: string, id: string, example: string) =>
    contract.call('PUT', path, { at: { id }, headers: root, body: exampleOf('PUT', path, example) });
  const post = (path: string, example: string, at = {}) =>
    contract.call('POST', path, { at, headers: root, body: exampleOf('POST', path, example) });
  const patch = (path: string, id: string, example: string) =>
    contract.call('PATCH', path, {
      at: { id },
      headers: root,
      type: MERGE_PATCH,
      body: exampleOf('PATCH', path, example),
    });
  const sessionOf = async (token: string) =>
    (await contract.call('POST', '/auth/introspect', { body: { token, ...apiClient } })).body.jti;

  it('match when a Bundle is tried and written', async () => {
    const body = exampleOf('POST', '/', 'bundle');
    for (const query of ['?_dryRun=true', '']) {
      const answer = await contract.call('POST', '/', { headers: root, query, body });
      expect(answer.body.entry.map(({ response }: { response: object }) => response)).toEqual([
        { status: '201', outcome: 'created', location: '/Client/gifts', etag: '"1"' },
        { status: '201', outcome: 'created', location: '/AccessPolicy/gifts', etag: '"1"' },
      ]);
    }
    await contract.call('DELETE', '/Client/{id}', { at: { id: 'gifts' }, headers: root });
  });

  it('match when registering clients, resources and policies', async () => {
    expect((await post('/Client', 'made')).body.secret).toMatch(/^lks_/);
    expect((await put('/Client/{id}', 'api-client', 'client')).status).toBe(201);
    expect((await put('/Resource/{id}', 'book', 'book')).status).toBe(201);
    expect((await put('/AccessPolicy/{id}', 'api-client', 'rules')).status).toBe(201);
    expect((await put('/AccessPolicy/{id}', 'library-api', 'allow')).status).toBe(201);
    expect((await post('/AccessPolicy', 'everyone')).status).toBe(201);
    const other = { id: 'page', operations: [{ name: 'turn' }] };
    await contract.call('POST', '/Resource', { headers: root, body: other });
    await patch('/Resource/{id}', 'book', 'introspection');
    expect((await put('/TrustedIssuer/{id}', 'github', 'github')).status).toBe(201);
    expect((await post('/TrustedIssuer/$try', 'job')).body.accepted).toBe(false);
    const builds = { id: 'builds', issuer: 'https://builds.example' };
    await contract.call('POST', '/TrustedIssuer', { headers: root, body: builds });
    await contract.call('GET', '/TrustedIssuer/{id}/$keys', { at: { id: 'builds' }, headers: root });
    expect((await patch('/TrustedIssuer/{id}', 'github', 'lifetime')).status).toBe(200);
    for (const [path, id] of [
      ['/Client/{id}', 'api-client'],
      ['/Resource/{id}', 'book'],
      ['/AccessPolicy/{id}', 'api-client'],
      ['/TrustedIssuer/{id}', 'github'],
    ] as const) {
      const { headers, body } = await contract.call('GET', path, { at: { id }, headers: root });
      const { status } = await contract.call('PUT', path, {
        at: { id },
        headers: { ...root, 'if-match': headers.get('etag') ?? '' },
        body,
      });
      expect(status, path).toBe(200);
    }
  });

  it.each([FORM, 'application/json'])('match when requesting tokens with %s', async (type) => {
    for (const [path, example] of [
      ['/auth/token', 'plain'],
      ['/auth/token', 'scoped'],
      ['/oauth/token', 'wholeGrant'],
      ['/oidc/token', 'scoped'],
    ] as const) {
      const answer = await contract.call('POST', path, { type, body: exampleOf('POST', path, example) });
      expect(answer.status, path).toBe(200);
      tokens[`${path} ${example}`] = answer.body.access_token;
      tokens[`${path} ${example} refresh`] = answer.body.refresh_token;
    }
    const body = exampleOf('POST', '/auth/token', 'refresh');
    const refresh_token = tokens['/auth/token scoped refresh'];
    const refreshed = await contract.call('POST', '/auth/token', { type, body: { ...body, refresh_token } });
    expect(refreshed.body).toMatchObject({ scope: 'book:1:read' });
  });

  it('match for introspection and for gateways', async () => {
    const token = tokens['/auth/token scoped'] as string;
    for (const path of ['/auth/introspect', '/oauth/introspect', '/oidc/token/introspection']) {
      const body = { ...exampleOf('POST', path, 'token'), token };
      expect((await contract.call('POST', path, { type: FORM, body })).body.active).toBe(true);
      await contract.call('POST', path, { body: { ...body, token: 'none' } });
      const headers = { accept: 'application/token-introspection+jwt' };
      expect((await contract.call('POST', path, { body, headers })).text.split('.')).toHaveLength(3);
    }
    const query = '?scope=book:1:read&audience=urn:library';
    for (const path of ['/auth/verify', '/auth/verify/{path}']) {
      const at = { path: 'books/1' };
      expect((await contract.call('GET', path, { at, query, headers: bearer(token) })).status).toBe(200);
      const plain = bearer(tokens['/auth/token plain'] as string);
      const own = `?audience=${encodeURIComponent(`${server.publicUrl}/`)}`;
      expect((await contract.call('GET', path, { at, query: own, headers: plain })).status).toBe(200);
    }
  });

  it('match for metadata, keys and health', async () => {
    const open = operations.filter(({ node }) => node.security?.length === 0);
    expect(open.length).toBeGreaterThan(8);
    for (const { method, path } of open) await contract.call(method, path, { at: { path: 'oidc' } });
    const path = '/.well-known/oauth-protected-resource/{path}';
    await contract.call('GET', path, { at: { path: 'Resource/book' } });
  });

  it('match for searches', async () => {
    const found = async (path: string, query: string) =>
      (await contract.call('GET', path, { headers: root, query })).body;
    expect((await found('/Client', '?name=gift&_elements=name')).total).toBe(1);
    expect((await found('/Client/$usage', '?name=gift&days=7')).total).toBe(1);
    const at = { id: 'api-client' };
    expect((await found('/Client/$unused-scopes', '?name=gift&days=90')).total).toBe(1);
    const usage = await contract.call('GET', '/Client/{id}/$usage', { at, headers: root });
    expect(usage.body.scopes.granted).not.toEqual([]);
    expect(usage.body.last_uses).not.toEqual([]);
    expect(
      (await found('/Client', '?_sort=-lastUpdated&_count=1&_page=2&_total=none')).total,
    ).toBeUndefined();
    expect((await found('/Resource', '?audience=urn:library&_lastUpdated=ge2026')).total).toBe(1);
    expect((await found('/AccessPolicy', '?client=Client/api-client&resource=book')).total).toBe(1);
    const { link, entry } = await found('/Session', '?client=api-client&active=true&_count=2');
    expect(entry).toHaveLength(2);
    const next = link.find(({ relation }: { relation: string }) => relation === 'next');
    await found('/Session', new URL(next.url, server.url).search);
    const [key] = (await found('/SigningKey', '?alg=RS256')).entry;
    await contract.call('GET', '/SigningKey/{id}', { at: { id: key.resource.id }, headers: root });
    const [event] = (await found('/AuditEvent', '?client=api-client&outcome=success&_sort=-date')).entry;
    await contract.call('GET', '/AuditEvent/{id}', { at: { id: event.resource.id }, headers: root });
    for (const path of [
      '/Client',
      '/Resource',
      '/AccessPolicy',
      '/TrustedIssuer',
      '/Session',
      '/SigningKey',
      '/AuditEvent',
    ]) {
      await contract.call('GET', path, { headers: { ...root, ...YAML } });
      await contract.call('GET', path, { headers: { ...root, accept: 'application/yaml' } });
    }
  });

  it('match for the overview and the own permissions', async () => {
    const { body } = await contract.call('GET', '/$overview', { headers: root });
    expect(body.tokens.issued).toBeGreaterThan(0);
    await contract.call('GET', '/$permissions', { headers: root });
    await contract.call('GET', '/$permissions', { headers: root, query: '?target=Client/api-client' });
  });

  it('match for $explain, $who-can and $difference', async () => {
    const reasons = (await post('/AccessPolicy/$explain', 'today')).body.items;
    expect(reasons.map(({ reason }: { reason: string }) => reason)).toEqual(['granted', 'denied', 'no_rule']);
    const draft = await post('/AccessPolicy/$explain', 'draft');
    expect(draft.body.items[0]).toMatchObject({ granted: true, granted_now: false });
    expect((await post('/AccessPolicy/$who-can', 'read')).body.clients).toHaveLength(3);
    expect((await post('/AccessPolicy/$difference', 'policy')).body.replay.complete).toBe(true);
  });

  it('match for the decision point', async () => {
    const decide = async (path: string, example: string) => (await post(`/access/v1/${path}`, example)).body;
    expect((await decide('evaluation', 'book')).decision).toBe(true);
    expect((await decide('evaluations', 'books')).evaluations).toHaveLength(2);
    expect((await decide('search/subject', 'readers')).page.count).toBeGreaterThan(0);
    expect((await decide('search/resource', 'books')).results).toBeInstanceOf(Array);
    expect((await decide('search/action', 'actions')).results).not.toEqual([]);
  });

  it('match for rotations', async () => {
    expect(
      (await post('/Client/{id}/$rotate-secret', 'day', { id: 'api-client' })).body.secrets,
    ).toHaveLength(2);
    const at = { id: 'api-client' };
    const one = { description: 'one more' };
    const added = await contract.call('POST', '/Client/{id}/$add-secret', { at, headers: root, body: one });
    const secret = { id: added.body.secret_id };
    await contract.call('POST', '/Client/{id}/$end-secret', { at, headers: root, body: secret });
    await replaceLeaked(contract, root, at);
    expect((await post('/SigningKey/$rotate', 'immediately')).body.added).toHaveLength(1);
    const { body } = await contract.call('GET', '/SigningKey', { headers: root });
    expect(body.entry.map((one: any) => one.resource.state).sort()).toEqual(['current', 'retired']);
    await contract.call('GET', '/.well-known/jwks.json');
  });

  it('match for keys of every algorithm', async () => {
    const at = { id: 'page' };
    for (const signing_alg of ['PS256', 'ES256', 'EdDSA']) {
      const body = { token: { signing_alg } };
      const { status } = await contract.call('PATCH', '/Resource/{id}', { at, headers: root, body });
      expect(status).toBe(200);
    }
    expect((await contract.call('GET', '/.well-known/jwks.json')).body.keys).toHaveLength(5);
    await contract.call('GET', '/SigningKey', { headers: root });
  });

  it('match when the document itself is read, and read again', async () => {
    const { headers, body } = await contract.call('GET', '/openapi.json');
    expect(body).toEqual(openapi);
    const etag = String(headers.get('etag'));
    const known = { 'if-none-match': `"another", W/${etag}` };
    const again = await contract.call('GET', '/openapi.json', { headers: known });
    expect([again.status, again.text]).toEqual([304, '']);
    const other = await contract.call('GET', '/openapi.json', { headers: { 'if-none-match': '"another"' } });
    expect([other.status, other.headers.get('etag')]).toEqual([200, etag]);
  });

  it('match when closing, revoking and deleting', async () => {
    for (const [path, token] of [
      ['/auth/revoke', tokens['/auth/token plain refresh']],
      ['/oauth/revoke', tokens['/oauth/token wholeGrant']],
      ['/oidc/token/revocation', tokens['/oidc/token scoped']],
    ] as const) {
      const body = { ...exampleOf('POST', path, 'token'), token };
      expect((await contract.call('POST', path, { type: FORM, body })).status, path).toBe(200);
    }
    const id = await sessionOf(tokens['/auth/token scoped'] as string);
    await contract.call('GET', '/Session/{id}', { at: { id }, headers: root });
    expect((await patch('/Session/{id}', id, 'close')).body.active).toBe(false);
    await contract.call('DELETE', '/Session/{id}', { at: { id }, headers: root });
    const own = bearer(tokens['/oauth/token wholeGrant'] as string);
    expect((await contract.call('DELETE', '/Session', { headers: own })).status).toBe(204);
    await contract.call('DELETE', '/Session', { query: '?client=api-client', headers: root });
    expect((await patch('/AccessPolicy/{id}', 'library-api', 'links')).body.link).toHaveLength(2);
    expect((await patch('/Client/{id}', 'api-client', 'disable')).body.active).toBe(false);
    await contract.call('POST', '/Client/{id}/$contain', { at: { id: 'api-client' }, headers: root });
    for (const [path, id] of [
      ['/AccessPolicy/{id}', 'library-api'],
      ['/Resource/{id}', 'page'],
      ['/TrustedIssuer/{id}', 'github'],
      ['/Client/{id}', 'library-api'],
    ] as const) {
      await contract.call('DELETE', path, { at: { id }, query: '?_dryRun=true', headers: root });
      await contract.call('DELETE', path, { at: { id }, headers: root });
    }
  });

  it('cover every documented success', () => {
    const reported = operations.flatMap(({ method, path, statuses }) =>
      statuses.filter((status) => status < 300).map((status) => `${method} ${path} ${status}`),
    );
    expect(reported.filter((success) => !contract.met.has(success))).toEqual([]);
  });
});

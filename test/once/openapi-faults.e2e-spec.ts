import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Call, Contract } from '../support/contract.js';
import { AUTHING, NATIVE } from '../support/dialects.js';
import { basic, bearer } from '../support/http.js';
import { type Operation, operations } from '../support/openapi.js';
import { aClient, aResource, register, type TestClient } from '../support/registration.js';
import { startServer, type TestServer } from '../support/server.js';

/** A limit, which openapi-limits reaches; the others need a fault of the server's own. */
const BEYOND_REACH = [429, 500, 503];

let server: TestServer;
let contract: Contract;
let root: { authorization: string };
/** May ask for tokens, and holds one right: to read books. */
let reader: TestClient;
/** May come by Basic, and nothing else. */
let stranger: TestClient;
let readerToken: string;
let strangerToken: string;
/** Its scope is empty. */
let emptyToken: string;
/** What is there under each type. */
const ids: Record<string, string> = {};

beforeAll(async () => {
  server = await startServer();
  contract = new Contract(server.url);
  root = basic(server.adminId, server.adminSecret);
  await aResource(server, 'book', ['read'], { audience: 'urn:library' });
  await aResource(server, 'map', ['zoom'], { audience: 'atlas' });
  const signing = { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [] } };
  await aClient(server, 'signer').with(signing).register();
  await register(server, 'TrustedIssuer', 'trusted', { issuer: 'https://trusted.example' });
  const federated = [{ issuer: 'trusted', subject: 'a' }];
  await aClient(server, 'federated').with({ federated }).register();
  reader = await aClient(server, 'reader').withGrant('book:*:read').register();
  stranger = await aClient(server, 'stranger')
    .with({ grant_types: ['basic', 'client_credentials'] })
    .register();
  readerToken = await reader.token(NATIVE);
  strangerToken = await stranger.token(NATIVE);
  const narrow = await aClient(server, 'narrow').withGrant('Client:*:read').register();
  emptyToken = await narrow.token(AUTHING, { scope: 'book:1:read', audience: `${server.publicUrl}/` });
  const { body } = await contract.call('GET', '/SigningKey', { headers: root });
  Object.assign(ids, {
    Client: 'reader',
    Resource: 'book',
    AccessPolicy: 'reader',
    TrustedIssuer: 'trusted',
    Session: (await contract.call('GET', '/Session', { headers: root, query: '?client=reader' })).body
      .entry[0].resource.id,
    SigningKey: body.entry[0].resource.id,
    AuditEvent: (await contract.call('GET', '/AuditEvent', { headers: root })).body.entry[0].resource.id,
  });
});

afterAll(() => server?.stop());

const typeOf = ({ path }: Operation) => path.split('/')[1] as string;
const isPlural = ({ path }: Operation) => !path.includes('{id}');
const isSession = (operation: Operation) => typeOf(operation) === 'Session';

const TAKES_BUNDLE: ReadonlySet<string> = new Set(['/', '/AccessPolicy/$difference']);

/** At the administrator's REST: a request that must be answered with this status. */
const FAULTS: Record<number, (operation: Operation) => Call> = {
  400: () => ({ headers: root, query: '?%zz' }),
  401: () => ({}),
  403: (operation) => ({
    // Every caller may ask what it may do, unless its token is for nothing.
    headers: operation.path === '/$permissions' ? bearer(emptyToken) : stranger.basic,
    body: ['GET', 'DELETE'].includes(operation.method) ? undefined : leastBody(operation.path),
    query: isSession(operation) && isPlural(operation) ? '?client=reader' : '',
  }),
  404: ({ method, path }) =>
    TAKES_BUNDLE.has(path)
      ? { headers: root, body: bundleOf('PATCH', 'Client/none', {}) }
      : path === '/SigningKey/$rotate'
        ? { headers: root, body: { compromised: 'none' } }
        : {
            headers: root,
            at: { id: 'none' },
            ...(path.includes('$') && method !== 'GET' ? { body: leastBody(path) } : {}),
          },
  409: (operation) => COLLISIONS[`${operation.method} ${operation.path}`] ?? {},
  412: (operation) => ({
    headers: { ...root, 'if-match': '"999"' },
    body: BODILESS.has(operation.method)
      ? undefined
      : isSession(operation)
        ? { active: false }
        : leastBody(operation.path),
    ...(TAKES_BUNDLE.has(operation.path)
      ? { headers: root, body: bundleOf('PATCH', 'Client/reader', {}, { ifMatch: '"999"' }) }
      : {}),
  }),
  413: () => ({ headers: root, body: JSON.stringify({ name: 'x'.repeat(1_100_000) }) }),
  415: () => ({ headers: root, body: 'name: x', type: 'text/plain' }),
  422: () => ({ headers: root, body: { nonsense: true } }),
};

const readBooks = {
  engine: 'rules',
  link: [{ resourceType: 'Client', id: 'root' }],
  rules: [{ effect: 'allow', resource: 'book', identifier: '*', operations: ['read'] }],
};

const bundleOf = (method: string, url: string, resource: object, more: object = {}) => ({
  type: 'transaction',
  entry: [{ resource, request: { method, url, ...more } }],
});

const NO_SECRET = { id: '0'.repeat(36) };

/** The smallest body that an operation reads. */
const leastBody = (path: string) => (path.endsWith('$end-secret') ? NO_SECRET : {});

const BODILESS: ReadonlySet<string> = new Set(['GET', 'DELETE']);

const COLLISIONS: Record<string, Call> = {
  'POST /': { body: bundleOf('POST', 'Client', { id: 'reader' }) },
  'POST /AccessPolicy/$difference': { body: bundleOf('POST', 'Client', { id: 'reader' }) },
  'POST /Client': { body: { id: 'reader' } },
  'PUT /Client/{id}': { at: { id: 'atlas' }, body: {} },
  'PATCH /Client/{id}': { at: { id: 'root' }, body: { active: false } },
  'DELETE /Client/{id}': { at: { id: 'root' } },
  'POST /Client/{id}/$rotate-secret': { at: { id: 'signer' } },
  'POST /Client/{id}/$add-secret': { at: { id: 'signer' } },
  'POST /Client/{id}/$end-secret': { at: { id: 'signer' }, body: NO_SECRET },
  'POST /Client/{id}/$contain': { at: { id: 'root' } },
  'POST /Client/{id}/$hand-over': { at: { id: 'signer' } },
  'POST /Resource': { body: { id: 'book' } },
  'PUT /Resource/{id}': { body: {} },
  'PATCH /Resource/{id}': { body: { audience: 'reader' } },
  'DELETE /Resource/{id}': {},
  'POST /TrustedIssuer': { body: { id: 'trusted', issuer: 'https://other.example' } },
  'PUT /TrustedIssuer/{id}': { body: { issuer: 'https://other.example' } },
  'PATCH /TrustedIssuer/{id}': { body: { issuer: 'https://other.example' } },
  'DELETE /TrustedIssuer/{id}': {},
  'POST /AccessPolicy': { body: { ...readBooks, id: 'reader' } },
  'PUT /AccessPolicy/{id}': { at: { id: 'root-administration' }, body: readBooks },
  'PATCH /AccessPolicy/{id}': { at: { id: 'root-administration' }, body: readBooks },
  'DELETE /AccessPolicy/{id}': { at: { id: 'root-administration' } },
};

const FORM = 'application/x-www-form-urlencoded';

/** At the OAuth endpoints, where clients prove who they are. */
const OAUTH_FAULTS: Record<number, () => Call> = {
  400: () => ({ type: FORM, body: 'x=1', headers: reader.basic }),
  401: () => ({ body: { grant_type: 'client_credentials', token: 'x' } }),
  403: () => ({
    body: { grant_type: 'client_credentials', token: 'x' },
    headers: { ...reader.basic, 'sec-fetch-site': 'cross-site' },
  }),
  413: () => ({ type: FORM, body: `x=${'y'.repeat(70_000)}`, headers: reader.basic }),
  415: () => ({ type: 'text/plain', body: 'x', headers: reader.basic }),
};

const HAND_OVER_FAULTS: Record<number, Call> = {
  403: { body: { token: 'x' }, headers: { 'sec-fetch-site': 'cross-site' } },
  404: { body: { token: 'x' } },
};

const GATEWAY_FAULTS: Record<number, () => Call> = {
  400: () => ({ headers: bearer(readerToken) }),
  401: () => ({ query: '?scope=book:1:read' }),
  403: () => ({ query: '?scope=book:1:read', headers: bearer(strangerToken) }),
};

function callFor(status: number, operation: Operation): Call {
  const [tag] = operation.node.tags;
  // Nothing of an authorization request is read.
  if (operation.node.operationId.endsWith('Authorization')) return {};
  if (tag === 'Gateway') return GATEWAY_FAULTS[status]?.() ?? {};
  if (['Token', 'Introspection', 'Revocation'].includes(tag)) return OAUTH_FAULTS[status]?.() ?? {};
  if (tag === 'HandOver') return HAND_OVER_FAULTS[status] ?? OAUTH_FAULTS[status]?.() ?? {};
  if (tag === 'Console') return { at: { path: 'assets/none.js' } };
  if (tag === 'Discovery' || tag === 'Health') return { at: { path: 'none' } };
  const call = FAULTS[status]?.(operation) ?? {};
  const at = { id: ids[typeOf(operation)] ?? '', ...call.at };
  return status === 409 ? { ...call, at, headers: root } : { ...call, at };
}

const documented = operations.flatMap((operation) =>
  operation.statuses
    .filter((status) => status >= 400 && !BEYOND_REACH.includes(status))
    .map((status) => ({ ...operation, operation, status })),
);

describe('Every documented error occurs', () => {
  it.each(documented)('$status at $method $path', async ({ method, path, operation, status }) => {
    expect((await contract.call(method, path, callFor(status, operation))).status).toBe(status);
  });
});

describe('Forms of errors', () => {
  it('document 409 wherever a write may conflict', () => {
    const reported = documented.filter(({ status }) => status === 409);
    expect(reported.map(({ method, path }) => `${method} ${path}`).sort()).toEqual(
      Object.keys(COLLISIONS).sort(),
    );
  });

  it('are YAML on request', async () => {
    const headers = { ...root, accept: 'text/yaml' };
    const { status, text } = await contract.call('GET', '/Client', { headers, query: '?bogus=1' });
    expect(status).toBe(400);
    expect(text).toContain('path: bogus');
  });

  it('include a challenge when credentials are repeated', async () => {
    const call = { headers: bearer(readerToken), query: '?access_token=x' };
    const { status, headers } = await contract.call('GET', '/Client', call);
    expect(status).toBe(400);
    expect(headers.get('www-authenticate')).toContain('error="invalid_request"');
  });

  it('report a wrong secret or token', async () => {
    const wrong = await contract.call('GET', '/Client', { headers: basic('root', 'not this one') });
    expect(wrong.body.error).toBe('invalid_client');
    const unknown = await contract.call('GET', '/Client', { headers: bearer('x') });
    expect(unknown.body.error).toBe('invalid_token');
  });

  it('name the conflicting policies, and every invalid member', async () => {
    const named = await contract.call('DELETE', '/Resource/{id}', { at: { id: 'book' }, headers: root });
    expect(named.body.policies).toEqual(['reader']);
    const body = { engine: 'rules', rules: [{ resource: 'nowhere', operations: [7] }] };
    const wrong = await contract.call('POST', '/AccessPolicy', { headers: root, body });
    expect(wrong.body.errors.length).toBeGreaterThan(3);
  });

  it('reject what the caller does not hold', async () => {
    await register(server, 'AccessPolicy', 'stranger', {
      engine: 'rules',
      link: [{ resourceType: 'Client', id: 'stranger' }],
      rules: [{ effect: 'allow', resource: 'AccessPolicy', identifier: '*', operations: ['*'] }],
    });
    const call = { headers: stranger.basic, body: { ...readBooks, id: 'given' } };
    expect((await contract.call('POST', '/AccessPolicy', call)).status).toBe(403);
  });

  it('differ by dialect when nothing of a scope is granted', async () => {
    const body = { grant_type: 'client_credentials', scope: 'book:1:burn', audience: 'urn:library' };
    const at = async (path: string) =>
      (await contract.call('POST', path, { body, headers: reader.basic })).body;
    expect(await at('/auth/token')).toMatchObject({ error: 'invalid_scope', rejected_scope: 'book:1:burn' });
    expect(await at('/oauth/token')).toMatchObject({ error: 'access_denied' });
    expect(await at('/oidc/token')).toMatchObject({ scope: '', rejected_scope: 'book:1:burn' });
  });

  it("distinguish another client's token from an unknown one", async () => {
    for (const path of ['/auth/revoke', '/oauth/revoke', '/oidc/token/revocation']) {
      const call = { body: { token: strangerToken }, headers: reader.basic };
      expect((await contract.call('POST', path, call)).body.error).toBe('invalid_grant');
    }
  });
});

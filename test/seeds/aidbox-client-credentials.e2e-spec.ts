import { createRemoteJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type Answer, basic, bearer, form, get, json, request } from '../support/http.js';
import { rememberSecret } from '../support/leaks.js';
import { startServer, type TestServer } from '../support/server.js';
import { verifyAccessToken } from './access-token.js';
import { listening } from './listening.js';

const SIMPLE_CLIENT = `secret: verysecret
grant_types:
  - client_credentials
`;

const JWT_CLIENT = `secret: verysecret
grant_types:
  - client_credentials
auth:
  client_credentials:
    access_token_expiration: 600
    token_format: jwt
    refresh_token: true
`;

const POLICY = `engine: allow
link:
  - id: api-client
    resourceType: Client
`;

const CREDENTIALS = {
  grant_type: 'client_credentials',
  client_id: 'api-client',
  client_secret: 'verysecret',
};

let server: TestServer;
let rootIssuer: string;

beforeAll(async () => {
  server = await startServer();
  rootIssuer = `${server.publicUrl}/`;
  rememberSecret('verysecret');
});

afterAll(() => server?.stop());

function putYaml(path: string, body: string): Promise<Answer> {
  const yaml = { accept: 'text/yaml', 'content-type': 'text/yaml' };
  const headers = { ...basic(server.adminId, server.adminSecret), ...yaml };
  return request(server.url + path, { method: 'PUT', headers, body });
}

const askToken = (more: Record<string, unknown> = {}) =>
  json(`${server.url}/auth/token`, { ...CREDENTIALS, ...more });

describe('The Aidbox page, a simple client', () => {
  it('creates the client, "create new api client", in YAML and without its secret', async () => {
    const answer = await putYaml('/Client/api-client', SIMPLE_CLIENT);
    expect(answer.status).toBe(201);
    expect(answer.headers.get('content-type')).toMatch(/^text\/yaml/);
    expect(parse(answer.text)).toMatchObject({
      resourceType: 'Client',
      id: 'api-client',
      grant_types: ['client_credentials'],
    });
    expect(answer.text).not.toContain('verysecret');
  });

  it('gives a new client no access to any resource', async () => {
    const answer = await askToken({ scope: 'Patient:read' });
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ error: 'invalid_scope', rejected_scope: 'Patient:read' });
  });

  it('creates the policy, "create policy"', async () => {
    const answer = await putYaml('/AccessPolicy/api-client', POLICY);
    expect(answer.status).toBe(201);
    expect(parse(answer.text)).toMatchObject({
      resourceType: 'AccessPolicy',
      id: 'api-client',
      engine: 'allow',
      link: [{ resourceType: 'Client', id: 'api-client' }],
    });
  });

  it.each([
    [
      'using-basic',
      () =>
        form(`${server.url}/auth/token`, 'grant_type=client_credentials', basic('api-client', 'verysecret')),
    ],
    ['json-request', () => askToken()],
  ])('answers "%s" with an opaque token, and no refresh token', async (_name, ask) => {
    const answer = await ask();
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      token_type: 'Bearer',
      access_token: expect.stringMatching(/^[A-Za-z0-9_~-]+$/),
      expires_in: 3600,
    });
  });
});

describe('The Aidbox page, the session of a token', () => {
  it('shows a session for each access token to its client, GET /Session', async () => {
    const first = bearer((await askToken()).body.access_token);
    const before = (await get(`${server.url}/Session`, first)).body;
    await askToken();
    const after = (await get(`${server.url}/Session`, first)).body;
    expect(after).toMatchObject({ resourceType: 'Bundle', type: 'searchset', total: before.total + 1 });
    expect(after.entry.map(({ resource }: any) => resource.id)).toEqual([
      expect.any(String),
      ...before.entry.map(({ resource }: any) => resource.id),
    ]);
    expect(after.entry[0].resource).toMatchObject({
      resourceType: 'Session',
      client: { resourceType: 'Client', id: 'api-client' },
      type: 'client_credentials',
      active: true,
      audience: [rootIssuer],
      token_format: 'opaque',
    });
  });

  it('shows all sessions to the administrator', async () => {
    const answer = await get(
      `${server.url}/Session?client=api-client`,
      basic(server.adminId, server.adminSecret),
    );
    expect(answer.status).toBe(200);
    expect(answer.body.total).toBe(answer.body.entry.length);
    expect(answer.body.total).toBeGreaterThanOrEqual(4);
  });

  it('closes the session of the token, "close-session", and only that one', async () => {
    const closed = bearer((await askToken()).body.access_token);
    const other = bearer((await askToken()).body.access_token);
    const close = () => request(`${server.url}/Session`, { method: 'DELETE', headers: closed });
    expect((await close()).status).toBe(204);
    expect((await get(`${server.url}/Session`, closed)).status).toBe(401);
    expect((await get(`${server.url}/Session`, other)).status).toBe(200);
    expect((await close()).status).toBe(204);
  });
});

describe('The Aidbox page, a client with JWT and refresh tokens', () => {
  it('replaces the client by the second "create new api client"', async () => {
    const answer = await putYaml('/Client/api-client', JWT_CLIENT);
    expect(answer.status).toBe(200);
    expect(parse(answer.text).auth).toEqual({
      client_credentials: { access_token_expiration: 600, token_format: 'jwt', refresh_token: true },
    });
  });

  it('answers a JWT with the claims of the page, and a refresh token', async () => {
    const { status, body } = await askToken();
    expect(status).toBe(200);
    expect(body).toEqual({
      token_type: 'Bearer',
      expires_in: 600,
      access_token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
      refresh_token: expect.any(String),
    });
    const expected = { issuer: rootIssuer, audience: rootIssuer };
    const { claims, header } = await verifyAccessToken(server, body.access_token, expected);
    expect(header).toEqual({ alg: 'RS256', typ: 'at+jwt', kid: expect.any(String) });
    expect(claims).toEqual({
      iss: rootIssuer,
      sub: 'api-client',
      client_id: 'api-client',
      aud: rootIssuer,
      iat: expect.any(Number),
      exp: (claims.iat as number) + 600,
      jti: expect.any(String),
    });
  });

  it('gives another access token for the refresh token', async () => {
    const { access_token, refresh_token } = (await askToken()).body;
    const answer = await askToken({ grant_type: 'refresh_token', refresh_token });
    expect(answer.status).toBe(200);
    expect(answer.body.access_token).not.toBe(access_token);
    expect(answer.body).toMatchObject({
      token_type: 'Bearer',
      expires_in: 600,
      refresh_token: expect.any(String),
    });
  });

  it('sets aud to the audience that the request sends', async () => {
    const audience = 'http://resource.server.com';
    const { access_token } = (await askToken({ audience })).body;
    const { claims } = await verifyAccessToken(server, access_token, { issuer: rootIssuer, audience });
    expect(claims.aud).toBe(audience);
  });

  it('reads token_expiration, as the table of attributes names it', async () => {
    const client = JWT_CLIENT.replace('access_token_expiration: 600', 'token_expiration: 300');
    expect((await putYaml('/Client/api-client', client)).status).toBe(200);
    expect((await askToken()).body.expires_in).toBe(300);
  });
});

describe('The Aidbox page, GET /Patient as any API', () => {
  const audience = 'https://patients.example.com';
  let api: Awaited<ReturnType<typeof listening>>;

  beforeAll(async () => {
    await putYaml('/Resource/Patient', `audience: ${audience}\noperations:\n  - name: read\n`);
    await putYaml('/Client/api-client', JWT_CLIENT);
    const keys = createRemoteJWKSet(new URL('/.well-known/jwks.json', server.url));
    api = await listening(async ({ headers }, response) => {
      const token = headers.authorization?.replace(/^Bearer /, '') ?? '';
      const expected = { issuer: rootIssuer, audience };
      const claims = await jwtVerify(token, keys, expected)
        .then(({ payload }) => payload)
        .catch(() => undefined);
      const permitted = String(claims?.scope).split(' ').includes('Patient:read');
      response.writeHead(claims ? (permitted ? 200 : 403) : 401).end();
    });
  });

  afterAll(() => api?.close());

  const getPatient = async (more: Record<string, string>) =>
    (await get(`${api.url}/Patient`, bearer((await askToken(more)).body.access_token))).status;

  it('serves a token with the scope', async () => {
    expect(await getPatient({ scope: 'Patient:read' })).toBe(200);
  });

  it('rejects a token of the same audience with another scope', async () => {
    expect(await getPatient({ scope: 'Patient:7:read' })).toBe(403);
  });

  it('rejects a token for another API', async () => {
    expect(await getPatient({})).toBe(401);
  });

  it('rejects a token once the policy that grants its scope is deleted', async () => {
    const headers = basic(server.adminId, server.adminSecret);
    await request(`${server.url}/AccessPolicy/api-client`, { method: 'DELETE', headers });
    expect((await askToken({ scope: 'Patient:read' })).body.error).toBe('invalid_scope');
  });
});

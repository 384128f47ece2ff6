import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyAccessToken } from '../../seeds/access-token.js';
import { admin } from '../../support/admin.js';
import { form, get, json } from '../../support/http.js';
import { startServer, type TestServer } from '../../support/server.js';

const ACCESS_KEY = '601bf35aca5d3875c467482c';
const SECRET_KEY = 'a-secret-key-of-genauth';

const REQUEST = {
  client_id: ACCESS_KEY,
  client_secret: SECRET_KEY,
  grant_type: 'client_credentials',
  scope: 'book:*:read book:*:edit',
};

let server: TestServer;
let issuer: string;

beforeAll(async () => {
  server = await startServer();
  issuer = `${server.publicUrl}/oidc`;
});

afterAll(() => server?.stop());

describe('The GenAuth page, before the first token', () => {
  it('1: gets the OIDC IdP configuration', async () => {
    const answer = await get(`${server.url}/oidc/.well-known/openid-configuration`);
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      issuer,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/.well-known/jwks.json`,
      grant_types_supported: ['client_credentials'],
    });
  });

  it('2: gets a programming access account', async () => {
    const account = { name: 'for testing', secret: SECRET_KEY, grant_types: ['client_credentials'] };
    expect((await admin(server).put(`/Client/${ACCESS_KEY}`, account)).status).toBe(201);
  });

  it('3: adds the resource book and authorizes the account to read every book', async () => {
    const operations = [{ name: 'read', description: 'reading books' }];
    expect((await admin(server).put('/Resource/book', { name: 'book', operations })).status).toBe(201);
    const policy = await admin(server).put('/AccessPolicy/book-reader', {
      engine: 'rules',
      link: [{ resourceType: 'Client', id: ACCESS_KEY }],
      rules: [{ effect: 'allow', resource: 'book', identifier: '*', operations: ['read'] }],
    });
    expect(policy.status).toBe(201);
  });
});

describe('The GenAuth page, 4: initiating the client credentials mode', () => {
  it.each([
    ['application/x-www-form-urlencoded', form],
    ['application/json', json],
  ] as const)('answers the request in %s with what is granted and what is rejected', async (_type, send) => {
    const { status, body } = await send(`${server.url}/oidc/token`, REQUEST);
    expect(status).toBe(200);
    expect(body).toEqual({
      access_token: expect.any(String),
      token_type: 'Bearer',
      expires_in: 3600,
      scope: 'book:*:read',
      rejected_scope: 'book:*:edit',
    });
    const jwks = '/oidc/.well-known/jwks.json';
    const expected = { issuer, audience: ACCESS_KEY, jwks };
    expect((await verifyAccessToken(server, body.access_token, expected)).claims.scope).toBe('book:*:read');
  });

  it.each([
    ['client_id', 401, 'invalid_client'],
    ['client_secret', 401, 'invalid_client'],
    ['grant_type', 400, 'invalid_request'],
    ['scope', 400, 'invalid_request'],
  ])('requires %s, as its table says', async (name, status, error) => {
    const answer = await form(`${server.url}/oidc/token`, { ...REQUEST, [name]: undefined });
    expect(answer.status).toBe(status);
    expect(answer.body.error).toBe(error);
  });
});

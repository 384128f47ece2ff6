import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyAccessToken } from '../../seeds/access-token.js';
import { form } from '../../support/http.js';
import { aClient, aResource } from '../../support/registration.js';
import { startServer, type TestServer } from '../../support/server.js';

const RESOURCES = {
  announce: ['read', 'update'],
  'user-growth': ['read', 'update'],
  revenue: ['create', 'read', 'update'],
  customer: ['read'],
  book: ['read', 'write'],
};

const ACCOUNTS = {
  'outsourcer-a': ['announce:*:read'],
  'outsourcer-b': ['user-growth:2019:*', 'revenue:*:create,read,update', 'customer:*:read'],
  'reads-book-1': ['book:1:read'],
  'reads-books': ['book:*:read'],
  'owns-books': ['book:*:*'],
  'owns-everything': ['*:*:*'],
};

const secretOf = (account: string) => `secret-of-${account}`;

let server: TestServer;
let issuer: string;

beforeAll(async () => {
  server = await startServer();
  issuer = `${server.publicUrl}/oidc`;
  for (const [id, operations] of Object.entries(RESOURCES)) await aResource(server, id, operations);
  for (const [id, rules] of Object.entries(ACCOUNTS)) {
    await aClient(server, id)
      .with({ secret: secretOf(id) })
      .withGrant(...rules)
      .register();
  }
});

afterAll(() => server?.stop());

/** The request of the page's sample code. */
const askToken = (account: string, scope: string) =>
  form(`${server.url}/oidc/token`, {
    grant_type: 'client_credentials',
    client_id: account,
    client_secret: secretOf(account),
    scope,
  });

const verify = (account: string, token: string) =>
  verifyAccessToken(server, token, { issuer, audience: account, jwks: '/oidc/.well-known/jwks.json' });

describe('The Approw page, "Response Result"', () => {
  it('answers with the scope, the rejected scope and the lifetime of the sample', async () => {
    const { status, body } = await askToken('owns-books', 'book message table');
    expect(status).toBe(200);
    expect(body).toEqual({
      access_token: expect.any(String),
      expires_in: 3600,
      token_type: 'Bearer',
      scope: 'book',
      rejected_scope: 'message table',
    });
  });

  it('puts the claims of the sample into the token, and those that RFC 9068 adds', async () => {
    const { access_token } = (await askToken('owns-books', 'book')).body;
    const { claims, header } = await verify('owns-books', access_token);
    expect(header).toEqual({ alg: 'RS256', typ: 'JWT', kid: expect.any(String) });
    expect(claims).toEqual({
      jti: expect.any(String),
      iat: expect.any(Number),
      exp: (claims.iat as number) + 3600,
      scope: 'book',
      iss: issuer,
      aud: 'owns-books',
      azp: 'owns-books',
      sub: 'owns-books',
      client_id: 'owns-books',
    });
  });

  it('has an empty rejected_scope when nothing was rejected', async () => {
    expect((await askToken('owns-books', 'book')).body.rejected_scope).toBe('');
  });
});

describe('The Approw page, the worked examples', () => {
  it.each([
    {
      account: 'outsourcer-a',
      asked: 'announce:read announce:update revenue:read customer user-growth:read',
      scope: 'announce:read',
      rejected: 'announce:update revenue:read customer user-growth:read',
    },
    {
      account: 'outsourcer-b',
      asked:
        'user-growth:2020:read user-growth:2019:* user-growth:2019:read revenue:create revenue:*:read customer:read',
      scope: 'user-growth:2019:* user-growth:2019:read revenue:create revenue:*:read customer:read',
      rejected: 'user-growth:2020:read',
    },
  ])('grants $account exactly what the page grants, in the response and in the token', async (example) => {
    const { status, body } = await askToken(example.account, example.asked);
    expect(status).toBe(200);
    expect(body.scope).toBe(example.scope);
    expect(body.rejected_scope).toBe(example.rejected);
    expect((await verify(example.account, body.access_token)).claims.scope).toBe(example.scope);
  });
});

describe('The Approw page, "Scope Permission Item Specification", by what the formats truly mean', () => {
  const FORMATS = 'book:1:read book:*:read book:read book:*:* book:* book *:*:* *:* *';

  it.each([
    ['reads-book-1', 'book:1:read'],
    ['reads-books', 'book:1:read book:*:read book:read'],
    ['owns-books', 'book:1:read book:*:read book:read book:*:* book:* book'],
    ['owns-everything', FORMATS],
  ])('grants %s of all its formats: %s', async (account, granted) => {
    const { body } = await askToken(account, FORMATS);
    expect(body.scope).toBe(granted);
    expect(body.rejected_scope).toBe(FORMATS.slice(granted.length).trim());
    expect((await verify(account, body.access_token)).claims.scope).toBe(granted);
  });
});

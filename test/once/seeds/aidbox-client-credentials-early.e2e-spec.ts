import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { admin } from '../../support/admin.js';
import { type Answer, form, json } from '../../support/http.js';
import { startServer, type TestServer } from '../../support/server.js';

const HEADER = 'Y2MtY2xpZW50OnZlcnlzZWNyZXRzZWNyZXQ=';

let server: TestServer;
let tokenEndpoint: string;

beforeAll(async () => {
  server = await startServer();
  tokenEndpoint = `${server.url}/auth/token`;
  const client = { secret: 'verysecretsecret', grant_types: ['client_credentials'] };
  expect((await admin(server).put('/Client/cc-client', client)).status).toBe(201);
});

afterAll(() => server?.stop());

function expectTokenAnswer(answer: Answer) {
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')?.toLowerCase()).toMatch(/^application\/json; ?charset=utf-8$/);
  expect(answer.headers.get('cache-control')).toBe('no-store');
  expect(answer.headers.get('pragma')).toBe('no-cache');
  expect(answer.body).toEqual({
    access_token: expect.stringMatching(/^[A-Za-z0-9_~-]+$/),
    token_type: 'Bearer',
    expires_in: 3600,
  });
}

describe('The early Aidbox page, the way of the RFC', () => {
  it('accepts the Example request, with an Authorization header that has no scheme', async () => {
    expectTokenAnswer(await form(tokenEndpoint, 'grant_type=client_credentials', { authorization: HEADER }));
  });

  it('accepts the same request with the scheme that its text asks for', async () => {
    const authorization = `Basic ${HEADER}`;
    expectTokenAnswer(await form(tokenEndpoint, 'grant_type=client_credentials', { authorization }));
  });

  it('rejects a header without a scheme whose secret is wrong', async () => {
    const authorization = Buffer.from('cc-client:another-secret').toString('base64');
    const answer = await form(tokenEndpoint, 'grant_type=client_credentials', { authorization });
    expect(answer.status).toBe(401);
    expect(answer.body.error).toBe('invalid_client');
    expect(answer.headers.get('www-authenticate')).toMatch(/^Basic /);
  });

  it.each(['/oauth/token', '/oidc/token'])(
    'accepts a header without a scheme in no other dialect: %s',
    async (path) => {
      const fields = { grant_type: 'client_credentials', scope: 'book', audience: 'urn:library' };
      const answer = await form(server.url + path, fields, { authorization: HEADER });
      expect(answer.status).toBe(401);
      expect(answer.body.error).toBe('invalid_client');
    },
  );
});

describe('The early Aidbox page, the way of JSON and of body parameters', () => {
  const body = `{
    "grant_type": "client_credentials",
    "client_secret": "verysecretsecret",
    "client_id": "cc-client"
}`;

  it('accepts the JSON request', async () => {
    expectTokenAnswer(await json(tokenEndpoint, body));
  });

  it('accepts the Form-data request', async () => {
    const fields = 'grant_type=client_credentials&client_secret=verysecretsecret&client_id=cc-client';
    expectTokenAnswer(await form(tokenEndpoint, fields));
  });

  it.each(['grant_type', 'client_id', 'client_secret'])(
    'requires %s of a JSON request, as its table says',
    async (name) => {
      const { [name]: _left, ...rest } = JSON.parse(body);
      const answer = await json(tokenEndpoint, rest);
      expect(answer.status).toBe(name === 'grant_type' ? 400 : 401);
      expect(answer.body.error).toBe(name === 'grant_type' ? 'invalid_request' : 'invalid_client');
    },
  );

  it('accepts the optional parameter scope', async () => {
    const administrator = admin(server);
    await administrator.put('/Resource/book', { operations: [{ name: 'read' }] });
    await administrator.put('/AccessPolicy/cc-client', {
      engine: 'allow',
      link: [{ resourceType: 'Client', id: 'cc-client' }],
    });
    const answer = await json(tokenEndpoint, { ...JSON.parse(body), scope: 'book:read' });
    expect(answer.status).toBe(200);
    expect(answer.body.scope).toBe('book:read');
  });
});

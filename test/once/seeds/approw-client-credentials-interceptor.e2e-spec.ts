import express from 'express';
import jwt from 'express-jwt-6';
import jwks from 'jwks-rsa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listening } from '../../seeds/listening.js';
import { AUTHING, NATIVE } from '../../support/dialects.js';
import { bearer, request } from '../../support/http.js';
import { aClient, aResource, type TestClient } from '../../support/registration.js';
import { startServer, type TestServer } from '../../support/server.js';

/** The interceptor that the page prints, as it stands: only its `incldues` is spelt right, and the test listens. */
function protectedApi(domain: string, accountId: string) {
  var app = express();
  var jwtCheck = jwt({
    secret: jwks.expressJwtSecret({
      cache: true,
      rateLimit: true,
      jwksRequestsPerMinute: 5,
      jwksUri: `${domain}/oidc/.well-known/jwks.json`,
    }),
    audience: accountId,
    issuer: `${domain}/oidc`,
    algorithms: ['RS256'],
  });
  app.use(jwtCheck);
  app.post('/article', (req: any, res) => {
    if (!req.user.scope.split(' ').includes('write:article')) {
      return res.status(401).json({ code: 401, message: 'Unauthorized' });
    }
    res.send('Secured Resource');
  });
  return app;
}

let server: TestServer;
let account: TestClient;
let another: TestClient;
let api: Awaited<ReturnType<typeof listening>>;

beforeAll(async () => {
  server = await startServer();
  await aResource(server, 'write', ['article', 'comment']);
  const writer = (id: string) =>
    aClient(server, id).withTokens({ token_format: 'jwt' }).withGrant('write:*:*').register();
  account = await writer('account');
  another = await writer('another');
  api = await listening(protectedApi(server.publicUrl, account.id));
});

afterAll(async () => {
  await api?.close();
  await server?.stop();
});

const postArticle = (token: string) =>
  request(`${api.url}/article`, { method: 'POST', headers: bearer(token) });

describe('The Approw page, "Add API Authentication Interceptor", with express-jwt 6', () => {
  it('answers a token that carries write:article', async () => {
    const answer = await postArticle(await account.token(AUTHING, { scope: 'write:comment write:article' }));
    expect(answer.status).toBe(200);
    expect(answer.text).toBe('Secured Resource');
  });

  it.each([
    ['another scope', 'write:comment'],
    ['an empty scope, because all of it was rejected', 'message'],
  ])('rejects a token that carries %s', async (_what, scope) => {
    const answer = await postArticle(await account.token(AUTHING, { scope }));
    expect(answer.status).toBe(401);
    expect(answer.body).toEqual({ code: 401, message: 'Unauthorized' });
  });

  it('rejects a request without a token', async () => {
    const answer = await request(`${api.url}/article`, { method: 'POST' });
    expect(answer.status).toBe(401);
    expect(answer.text).toContain('No authorization token was found');
  });

  it('rejects the token of another account, whose audience is its own', async () => {
    const answer = await postArticle(await another.token(AUTHING, { scope: 'write:article' }));
    expect(answer.status).toBe(401);
    expect(answer.text).toContain('jwt audience invalid');
  });

  it('rejects a token of the root issuer for the same audience', async () => {
    const answer = await postArticle(await account.token(NATIVE, { audience: account.id }));
    expect(answer.status).toBe(401);
    expect(answer.text).toContain('jwt issuer invalid');
  });
});

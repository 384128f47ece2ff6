import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Admin, admin } from '../../support/admin.js';
import { NATIVE } from '../../support/dialects.js';
import { bearer, get } from '../../support/http.js';
import { aClient, aResource, type TestClient } from '../../support/registration.js';
import { startServer, type TestServer } from '../../support/server.js';

const NEXT = 'https://next.example';

let server: TestServer;
let root: Admin;
let client: TestClient;

beforeAll(async () => {
  server = await startServer();
  root = admin(server);
  await aResource(server, 'planted', ['read'], { audience: `${NEXT}/` });
  await aResource(server, 'beside', ['read'], { audience: `${NEXT}/oidc` });
  await aResource(server, 'book', ['read']);
  client = await aClient(server)
    .withTokens({ token_format: 'jwt' })
    .withGrant('planted:*:*', 'beside:*:*', 'book:*:*')
    .register();
});
afterAll(() => server.stop());

const ask = async (fields: Record<string, string>) => {
  const { status, body } = await client.ask(NATIVE, fields);
  return [status, body.error ?? body.scope];
};

it("grants nothing of a resource whose audience has become the server's own (fault A1, fault A3)", async () => {
  expect(await ask({ scope: 'planted:1:read' })).toEqual([200, 'planted:1:read']);
  const token = await client.token(NATIVE, { scope: 'planted:1:read' });
  await server.restart({ LATCHKEY_PUBLIC_URL: NEXT });
  for (const id of ['planted', 'beside']) {
    expect(await ask({ scope: `${id}:1:read` })).toEqual([400, 'invalid_scope']);
    expect(await ask({ scope: `${id}:1:read book:1:read` })).toEqual([200, 'book:1:read']);
    expect(server.stderr()).toContain(`"resource":"${id}"`);
  }
  expect(await ask({ audience: `${NEXT}/`, scope: 'read' })).toEqual([400, 'invalid_scope']);
  expect(await ask({ audience: `${NEXT}/oidc` })).toEqual([400, 'invalid_target']);
  const verify = `${server.url}/auth/verify?scope=planted:1:read`;
  expect((await get(verify, bearer(token))).status).not.toBe(200);
  expect(server.stderr().match(/its audience is an issuer of this server/g)).toHaveLength(2);
});

it('serves such a resource again with another audience (fault A3)', async () => {
  const answer = await root.patch('/Resource/planted', { audience: 'urn:planted' });
  expect(answer.status, answer.text).toBe(200);
  expect(await ask({ scope: 'planted:1:read' })).toEqual([200, 'planted:1:read']);
  expect((await root.get('/Resource/beside')).body.audience).toBe(`${NEXT}/oidc`);
});

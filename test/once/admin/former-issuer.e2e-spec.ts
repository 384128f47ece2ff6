import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allow, linkTo } from '../../admin/callers.js';
import { admin } from '../../support/admin.js';
import { NATIVE } from '../../support/dialects.js';
import { bearer, form, get, json } from '../../support/http.js';
import { aClient, aResource, register, type TestClient } from '../../support/registration.js';
import { startServer, type TestServer } from '../../support/server.js';

const NEXT = 'https://next.example';
const AUDIENCE = `${NEXT}/`;
const NEXT_TENANT = 'https://tenant.example/next';

let server: TestServer;
let first: string;

/** A client that may write clients, but has no token of the administration API. */
async function anApiClient(format: 'jwt' | 'opaque'): Promise<TestClient> {
  const client = await aClient(server)
    .withTokens({ token_format: format, refresh_token: true })
    .withEverything()
    .register();
  const rules = [allow('Client', '*', 'read', 'create', 'update')];
  await register(server, 'AccessPolicy', `${client.id}-writes`, {
    engine: 'rules',
    link: linkTo(client.id),
    rules,
  });
  return client;
}

const statusAtAdministration = async (token: string) => [
  (await get(`${server.url}/Client`, bearer(token))).status,
  (await json(`${server.url}/Client`, {}, bearer(token))).status,
];

const isActive = async (client: TestClient, token: string) =>
  (await form(`${server.url}/auth/introspect`, { token }, client.basic)).body.active;

beforeAll(async () => {
  server = await startServer();
  first = server.publicUrl;
  await aResource(server, 'ledger', ['create', 'update', 'read'], { audience: NEXT_TENANT });
});
afterAll(() => server.stop());

describe.each([
  ['the public URL', 'an unregistered audience', { LATCHKEY_PUBLIC_URL: NEXT }, { audience: AUDIENCE }],
  [
    'LATCHKEY_ISSUER',
    'a registered audience with a scope',
    { LATCHKEY_ISSUER: NEXT_TENANT },
    { audience: NEXT_TENANT, scope: 'create update read' },
  ],
])('After a change of %s, a token for %s that is the own one now', (_, __, change, fields) => {
  it.each(['jwt', 'opaque'] as const)(
    'is ended everywhere, also by refresh: %s (fault A3)',
    async (format) => {
      const client = await anApiClient(format);
      const issued = (await client.ask(NATIVE, fields)).body;
      expect(await isActive(client, issued.access_token)).toBe(true);
      expect(await statusAtAdministration(issued.access_token)).toEqual([401, 401]);
      await server.restart(change);
      expect(await statusAtAdministration(issued.access_token)).toEqual([401, 401]);
      const verify = `${server.url}/auth/verify?audience=${encodeURIComponent(fields.audience)}`;
      expect((await get(verify, bearer(issued.access_token))).status).toBe(401);
      const refresh = { grant_type: 'refresh_token', refresh_token: issued.refresh_token };
      expect((await client.post(NATIVE, refresh)).body.error).toBe('invalid_grant');
      for (const token of [issued.access_token, issued.refresh_token]) {
        expect(await isActive(client, token)).toBe(false);
      }
      const sessions = await admin(server).get(`/Session?client=${client.id}&active=false`);
      expect(sessions.body.entry.map(({ resource }: any) => resource.active)).toEqual([false]);
      const own = await client.token(NATIVE, { audience: fields.audience });
      expect(await statusAtAdministration(own)).toEqual([200, 201]);
      await server.restart({ LATCHKEY_PUBLIC_URL: first, LATCHKEY_ISSUER: undefined });
      expect(await statusAtAdministration(own)).toEqual([401, 401]);
      expect((await client.post(NATIVE, refresh)).status).toBe(200);
    },
  );
});

import { createRemoteJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { admin } from '../support/admin.js';
import { NATIVE } from '../support/dialects.js';
import { basic, form, get } from '../support/http.js';
import { launch } from '../support/launch.js';
import { LIBRARY, READ_BOOK_1, registerLibrary } from '../support/library.js';
import { newMasterKey, rotateMasterKey, sealingKeys } from '../support/master-key.js';
import { aClient, type TestClient } from '../support/registration.js';
import { startServer, type TestServer } from '../support/server.js';

const DONE = /^\d+ keys are sealed under the new master key\. Restart all servers with this key only\.\n$/;

const introspected = async (server: TestServer, client: TestClient, token: string) =>
  (await form(`${server.url}/auth/introspect`, { token }, client.basic)).body;

/** Clients, a token of each kind, and a look at whether all of it still holds. */
async function settle(server: TestServer) {
  const grant = (one: ReturnType<typeof aClient>) => one.withGrant('book:*:read').register();
  const made = await grant(aClient(server).withTokens({ token_format: 'jwt' }));
  const chosen = await grant(
    aClient(server).with({ secret: 'trombone kiosk 7' }).withTokens({ refresh_token: true }),
  );
  const jwt = await made.token(NATIVE, READ_BOOK_1);
  const opaque = (await chosen.ask(NATIVE, READ_BOOK_1)).body;
  const jwks = (await get(`${server.url}/.well-known/jwks.json`)).text;
  const { kid } = JSON.parse(jwks).keys[0];
  return async (where: TestServer) => {
    const keys = createRemoteJWKSet(new URL(`${where.url}/.well-known/jwks.json`));
    expect((await get(`${where.url}/.well-known/jwks.json`)).text).toContain(kid);
    await jwtVerify(jwt, keys, { audience: LIBRARY });
    expect(await introspected(where, made, jwt)).toMatchObject({ active: true });
    expect(await introspected(where, chosen, opaque.access_token)).toMatchObject({ active: true });
    const asked = await form(
      `${where.url}/auth/token`,
      { grant_type: 'client_credentials', ...READ_BOOK_1 },
      made.basic,
    );
    expect(asked.status).toBe(200);
    await jwtVerify(asked.body.access_token, keys, { audience: LIBRARY });
    const refreshed = await form(
      `${where.url}/auth/token`,
      { grant_type: 'refresh_token', refresh_token: opaque.refresh_token },
      chosen.basic,
    );
    expect(refreshed.status).toBe(200);
    opaque.refresh_token = refreshed.body.refresh_token;
  };
}

/** A start that fails: what it said on standard error beside the log. */
async function failedStart(server: TestServer, key: string): Promise<string[]> {
  const env = { ...server.env, LATCHKEY_MASTER_KEY: key, LATCHKEY_LOG_LEVEL: 'silent' };
  const started = launch(JSON.parse(JSON.stringify(env)));
  expect(await started.exited).toEqual({ code: 1, signal: null });
  expect(started.stdout()).toBe('');
  return started.stderr().trimEnd().split('\n');
}

describe('Rotation of the master key, with servers that run on (K12, ASVS 13.3.4)', {
  timeout: 120_000,
}, () => {
  const [older, newer] = [newMasterKey(), newMasterKey()];
  let first: TestServer;
  let second: TestServer;
  let holdsAt: (server: TestServer) => Promise<void>;

  beforeAll(async () => {
    first = await startServer({ env: { LATCHKEY_MASTER_KEY: older } });
    second = await startServer({ beside: first });
    await registerLibrary(first);
    holdsAt = await settle(first);
  });
  afterAll(async () => {
    await second?.stop();
    await first?.stop();
  });

  it('begins with servers that know both keys, one after the other; nothing is sealed anew by that', async () => {
    const before = await sealingKeys(first);
    expect(before).toHaveLength(1);
    await second.restart({ LATCHKEY_MASTER_KEY: `${newer},${older}` });
    await holdsAt(second);
    // A key that the restarted server makes now must be one that the other can use.
    expect((await admin(second).post('/SigningKey/$rotate', { immediately: true })).status).toBe(200);
    expect(await sealingKeys(first)).toEqual(before);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    await holdsAt(first);
    await first.restart({ LATCHKEY_MASTER_KEY: `${newer},${older}` });
    await holdsAt(first);
  });

  it('seals all of it under the new key with one command, and shows neither key', async () => {
    const before = await sealingKeys(first);
    const { exit, stdout, stderr } = await rotateMasterKey(first);
    expect({ exit, stderr }).toEqual({ exit: { code: 0, signal: null }, stderr: '' });
    expect(stdout).toMatch(DONE);
    for (const key of [older, newer]) expect(stdout).not.toContain(key);
    const after = await sealingKeys(first);
    expect(after).toHaveLength(1);
    expect(after).not.toEqual(before);
  });

  it('breaks no secret and no token at the servers that run on', async () => {
    for (const server of [first, second]) await holdsAt(server);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    for (const server of [second, first]) await holdsAt(server);
    const after = await sealingKeys(first);
    const other = await aClient(first)
      .withTokens({ token_format: 'jwt', signing_alg: 'ES256' })
      .withGrant('book:*:read')
      .register();
    expect((await other.ask(NATIVE, READ_BOOK_1)).status).toBe(200);
    expect((await admin(second).post('/SigningKey/$rotate', {})).status).toBe(200);
    expect(await sealingKeys(first)).toEqual(after);
  });

  it('ends with servers that know the new key alone', async () => {
    for (const server of [first, second]) {
      await server.restart({ LATCHKEY_MASTER_KEY: newer });
      await holdsAt(server);
    }
  });

  it('leaves the old key worthless: a start with it alone stops with one line', async () => {
    const lines = await failedStart(first, older);
    expect(lines).toEqual([
      expect.stringMatching(
        /^Latchkey cannot start: LATCHKEY_MASTER_KEY: .+ was sealed with another master key$/,
      ),
    ]);
    await first.restart();
    await holdsAt(first);
  });
});

describe('Rotation of the master key with a key that the servers do not know', { timeout: 90_000 }, () => {
  const [older, newer] = [newMasterKey(), newMasterKey()];

  it('takes it from LATCHKEY_NEW_MASTER_KEY; what servers hold stays good, and what they lack is 503 until a restart', async () => {
    const server = await startServer({ env: { LATCHKEY_MASTER_KEY: older } });
    try {
      await registerLibrary(server);
      const holdsAt = await settle(server);
      const { exit, stdout } = await rotateMasterKey(server, { LATCHKEY_NEW_MASTER_KEY: newer });
      expect(exit.code).toBe(0);
      expect(stdout).not.toContain(newer);
      await new Promise((resolve) => setTimeout(resolve, 1000));
      await holdsAt(server);
      const late = {
        id: 'late',
        grant_types: ['client_credentials'],
        auth: { client_credentials: { token_format: 'jwt', signing_alg: 'PS256' } },
      };
      const { body } = await admin(server).post('/Client', late);
      const asked = () =>
        form(`${server.url}/auth/token`, { grant_type: 'client_credentials' }, basic('late', body.secret));
      expect((await asked()).status).toBe(503);
      expect((await admin(server).post('/SigningKey/$rotate', {})).status).toBe(503);
      expect(server.stderr()).toContain('was sealed with another master key');
      await holdsAt(server);
      await server.restart({ LATCHKEY_MASTER_KEY: newer });
      await holdsAt(server);
      expect((await asked()).status).toBe(200);
    } finally {
      await server.stop();
    }
  });
});

describe('A rotation of the master key that cannot do its work', { timeout: 90_000 }, () => {
  const [older, newer] = [newMasterKey(), newMasterKey()];
  let server: TestServer;

  beforeAll(async () => {
    server = await startServer({ env: { LATCHKEY_MASTER_KEY: older } });
  });
  afterAll(async () => {
    await server?.stop();
  });

  it.each([
    ['LATCHKEY_MASTER_KEY', { LATCHKEY_MASTER_KEY: newer, LATCHKEY_NEW_MASTER_KEY: newMasterKey() }],
    ['LATCHKEY_NEW_MASTER_KEY', {}],
    ['LATCHKEY_NEW_MASTER_KEY', { LATCHKEY_NEW_MASTER_KEY: 'short' }],
  ])('changes nothing and names %s: %#', async (name, changes) => {
    const before = await sealingKeys(server);
    const { exit, stdout, stderr } = await rotateMasterKey(server, changes);
    expect(exit.code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toMatch(new RegExp(`^The master key was not rotated: ${name}: .+\n$`));
    expect(await sealingKeys(server)).toEqual(before);
    expect((await get(`${server.url}/Client`, basic(server.adminId, server.adminSecret))).status).toBe(200);
  });
});

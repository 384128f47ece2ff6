import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Admin, admin } from '../support/admin.js';
import { Signer } from '../support/assertions.js';
import { NATIVE } from '../support/dialects.js';
import { type Finish, hold } from '../support/held-request.js';
import { basic, bearer, form } from '../support/http.js';
import { useLibrary } from '../support/library.js';
import { aClient, register } from '../support/registration.js';
import { startServer, type TestServer } from '../support/server.js';
import { aCaller, allow, type Caller, linkTo } from './callers.js';

const library = useLibrary();
let root: Admin;
let beside: TestServer;
let signer: Signer;

beforeAll(async () => {
  root = admin(library.server);
  beside = await startServer({ beside: library.server });
  signer = await Signer.make();
});
afterAll(() => beside?.stop());

const RIGHTS = ['Client', 'Resource', 'AccessPolicy', 'Session', 'SigningKey'].map((type) => `${type}:*:*`);
const OTHER_SECRET = 'Zq8vT2mK-fW5yXn7RbL3';

const succeed = async (answer: ReturnType<Admin['get']>) => {
  const { status, text } = await answer;
  if (status >= 300) throw new Error(`${status} ${text}`);
};

/** Every kind of write by this caller, begun with its present secret. */
function heldWrites({ id, client }: Caller, target: string): Promise<Finish[]> {
  const held = (method: string, path: string, body?: object) =>
    hold(library.server.url + path, method, client.basic, body);
  return Promise.all([
    held('POST', `/Client/${id}/$rotate-secret`, {}),
    held('PATCH', `/Client/${id}`, { secret: OTHER_SECRET }),
    held('PUT', `/Client/${target}-put`, { name: 'after' }),
    held('POST', '/Client', { id: `${target}-posted` }),
    held('PATCH', `/Resource/${target}`, { name: 'after' }),
    held('DELETE', `/Resource/${target}`),
    held('DELETE', `/Session?client=${target}`),
    held('POST', '/SigningKey/$rotate', { immediately: true }),
    held('DELETE', `/Client/${id}`),
  ]);
}

const statusesOf = async (writes: Finish[]): Promise<number[]> => {
  const statuses: number[] = [];
  for (const finish of writes) statuses.push((await finish()).status);
  return statuses;
};

/** Another client with the same id, secret and permissions. */
async function createAgain({ id, client }: Caller): Promise<void> {
  await succeed(root.delete(`/Client/${id}`));
  const grants = ['basic', 'client_credentials'];
  await succeed(root.post('/Client', { id, secret: client.secret, grant_types: grants }));
  const rules = RIGHTS.map((right) => allow(right.split(':')[0] as string, '*', '*'));
  const policy = { engine: 'rules', link: linkTo(id), rules };
  await register(library.server, 'AccessPolicy', `${id}-again`, policy);
}

const CHANGES: [string, (caller: Caller) => Promise<void>][] = [
  ['has been rotated', ({ id }) => succeed(root.post(`/Client/${id}/$rotate-secret`))],
  ['has been replaced', ({ id }) => succeed(root.patch(`/Client/${id}`, { secret: OTHER_SECRET }))],
  [
    'belongs to a client that now uses private_key_jwt',
    ({ id }) => {
      const keys = { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [signer.jwk] } };
      return succeed(root.patch(`/Client/${id}`, keys));
    },
  ],
  [
    'belongs to a client that may now send it only in the body',
    ({ id }) => succeed(root.patch(`/Client/${id}`, { token_endpoint_auth_method: 'client_secret_post' })),
  ],
  ['belongs to a client that was deleted and created again with it', createAgain],
];

describe('Credentials that end before the body of a write arrives', () => {
  it.each(CHANGES)('rejects a write of any type when its secret %s (fault A5)', async (_, change) => {
    const caller = await aCaller(library.server, ...RIGHTS);
    const target = `target-of-${caller.id}`;
    await register(library.server, 'Resource', target, { audience: `urn:${target}`, name: 'before' });
    const writes = await heldWrites(caller, target);
    await change(caller);
    const version = (await root.get(`/Client/${caller.id}`)).body.meta.versionId;
    expect(await statusesOf(writes)).toEqual(writes.map(() => 401));
    expect((await root.get(`/Client/${caller.id}`)).body.meta.versionId).toBe(version);
    expect((await root.get(`/Resource/${target}`)).body.name).toBe('before');
    expect((await root.get(`/Client/${target}-put`)).status).toBe(404);
  });

  it('accepts a write while its rotated secret is still valid (fault A5)', async () => {
    const caller = await aCaller(library.server, ...RIGHTS);
    const url = `${library.server.url}/Client/kept-${caller.id}`;
    const finish = await hold(url, 'PUT', caller.client.basic, { name: 'after' });
    await succeed(root.post(`/Client/${caller.id}/$rotate-secret`, { overlap: 600 }));
    expect((await finish()).status).toBe(201);
  });

  it('rejects a write whose token is of a client that was deleted and created again (fault A5)', async () => {
    const caller = await aCaller(library.server, ...RIGHTS);
    const token = await caller.client.token(NATIVE);
    const url = `${library.server.url}/Client/by-token-of-${caller.id}`;
    const finish = await hold(url, 'PUT', bearer(token), { name: 'after' });
    await createAgain(caller);
    expect((await finish()).status).toBe(401);
  });

  it('keeps the family open when the token of a DELETE /Session is revoked meanwhile (fault A5)', async () => {
    const client = await aClient(library.server)
      .withTokens({ refresh_token: true })
      .withGrant('diary:*:read')
      .register();
    const { body: first } = await client.ask(NATIVE);
    const renewal = { grant_type: 'refresh_token', refresh_token: first.refresh_token };
    const { body: second } = await client.post(NATIVE, renewal);
    const own = `${library.server.url}/Session`;
    const finish = await hold(own, 'DELETE', bearer(first.access_token));
    const revoked = await form(
      `${library.server.url}/auth/revoke`,
      { token: first.access_token },
      client.basic,
    );
    expect(revoked.status).toBe(200);
    expect((await finish()).status).toBe(204);
    const renewed = { grant_type: 'refresh_token', refresh_token: second.refresh_token };
    expect((await client.post(NATIVE, renewed)).status).toBe(200);
  });
});

describe('Credentials that another process ends', () => {
  it('rejects a write with a rotated secret at a process that still has it in its cache (fault A5)', async () => {
    for (let round = 0; round < 5; round++) {
      const { id, client } = await aCaller(library.server, ...RIGHTS);
      const stale = admin(beside, client.basic);
      await succeed(stale.get(`/Client/${id}`));
      const { body } = await root.post(`/Client/${id}/$rotate-secret`);
      const answers = await Promise.all([
        stale.post(`/Client/${id}/$rotate-secret`),
        stale.put(`/Client/by-${id}`, {}),
      ]);
      expect(answers.map(({ status }) => status)).toEqual([401, 401]);
      const renewed = admin(library.server, basic(id, body.secret));
      expect((await renewed.get(`/Client/${id}`)).body.meta.versionId).toBe(body.meta.versionId);
    }
  });

  it('rejects a write that began before a start with a new LATCHKEY_ADMIN_CLIENT_SECRET (fault A5)', async () => {
    const server = await startServer();
    try {
      const url = `${server.url}/Client/${server.adminId}/$rotate-secret`;
      const finish = await hold(url, 'POST', basic(server.adminId, server.adminSecret), {});
      const env = { LATCHKEY_ADMIN_CLIENT_SECRET: OTHER_SECRET };
      const recovered = await startServer({ beside: server, env });
      try {
        expect((await finish()).status).toBe(401);
        expect((await admin(recovered).get(`/Client/${server.adminId}`)).status).toBe(200);
      } finally {
        await recovered.stop();
      }
    } finally {
      await server.stop();
    }
  });
});

import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { admin } from '../support/admin.js';
import { NATIVE } from '../support/dialects.js';
import { form, get, json } from '../support/http.js';
import { aClient, type TestClient } from '../support/registration.js';
import { startServer, type TestServer } from '../support/server.js';

const HOUR = 3600 * 1000;

let server: TestServer;
let beside: TestServer;
let client: TestClient;
/** The keys that earlier tests have retired. */
let earlier: string[] = [];

beforeAll(async () => {
  server = await startServer();
  beside = await startServer({ beside: server });
});

beforeEach(async () => {
  client = await aClient(server).withTokens({ token_format: 'jwt' }).register();
  if (Object.values(await allStates()).includes('announced')) await rotate({ immediately: true });
  const found = Object.entries(await allStates());
  earlier = found.filter(([, state]) => state === 'retired').map(([id]) => id);
});

afterAll(async () => {
  await beside?.stop();
  await server?.stop();
});

async function allStates(): Promise<Record<string, string>> {
  const { body } = await admin(server).get('/SigningKey');
  return Object.fromEntries(body.entry.map(({ resource }: any) => [resource.id, resource.state]));
}

const states = async (): Promise<Record<string, string>> =>
  Object.fromEntries(Object.entries(await allStates()).filter(([id]) => !earlier.includes(id)));

const published = async (): Promise<string[]> => {
  const { keys } = (await get(`${server.url}/.well-known/jwks.json`)).body;
  return keys.map(({ kid }: any) => kid).filter((kid: string) => !earlier.includes(kid));
};

const signer = async () => decodeProtectedHeader(await client.token(NATIVE)).kid as string;

const active = async (token: string) =>
  (await form(`${server.url}/auth/introspect`, { token }, client.basic)).body.active;

const rotate = (body?: object) => admin(server).post('/SigningKey/$rotate', body);

/** Six orders, spread over two processes; their connections are open and their secret is known, so that none is late. */
async function atOnce(body: object) {
  const callers = Array.from({ length: 6 }, (_, n) => admin(n % 2 ? beside : server));
  await Promise.all(callers.map((caller) => caller.get('/SigningKey')));
  return Promise.all(callers.map((caller) => caller.post('/SigningKey/$rotate', body)));
}

describe('/SigningKey', () => {
  it('lists each signing key with its public half only (K13, ASVS 11.6.1)', async () => {
    const { body } = await admin(server).get('/SigningKey');
    const [{ resource }] = body.entry;
    expect(resource).toMatchObject({ resourceType: 'SigningKey', alg: 'RS256', state: 'current' });
    expect(resource.jwk.kid).toBe(resource.id);
    for (const secret of ['d', 'p', 'q', 'dp', 'dq', 'qi']) expect(resource.jwk).not.toHaveProperty(secret);
    const shown = await admin(server).get(`/SigningKey/${resource.id}`);
    expect([shown.body, shown.headers.get('etag')]).toEqual([resource, '"1"']);
    expect((await admin(server).get(`/SigningKey?_id=${resource.id}`)).body.total).toBe(1);
    expect((await admin(server).get('/SigningKey/unknown')).status).toBe(404);
  });

  it('rejects writes of keys, and reads without permission', async () => {
    expect((await admin(server).put('/SigningKey/x', {})).status).toBe(405);
    const { status } = await json(`${server.url}/SigningKey/$rotate`, {}, client.basic);
    expect(status).toBe(401);
    const plain = await aClient(server)
      .with({ grant_types: ['basic'] })
      .register();
    expect((await admin(server, plain.basic).post('/SigningKey/$rotate', {})).status).toBe(403);
    expect((await admin(server, plain.basic).get('/SigningKey')).status).toBe(403);
  });
});

describe('POST /SigningKey/$rotate', () => {
  it('publishes a successor 24 hours before it signs (K11, RFC 7517 5)', async () => {
    const before = await signer();
    const { status, body } = await rotate();
    expect(status).toBe(200);
    const [{ id, state, signs_from }] = body.added;
    expect(state).toBe('announced');
    expect(Date.parse(signs_from) - Date.now()).toBeGreaterThan(23 * HOUR);
    expect(await published()).toEqual([before, id]);
    expect(await signer()).toBe(before);
    expect((await rotate()).body).toEqual({ added: [] });
  });

  it('lets a successor sign immediately on request, and still verifies earlier signatures', async () => {
    const token = await client.token(NATIVE);
    const before = decodeProtectedHeader(token).kid as string;
    const { body } = await rotate({ immediately: true });
    const after = body.added[0].id;
    expect(await signer()).toBe(after);
    expect(await published()).toEqual([after, before]);
    expect(await states()).toEqual({ [before]: 'retired', [after]: 'current' });
    const keys = createRemoteJWKSet(new URL(`${server.url}/.well-known/jwks.json`));
    await expect(jwtVerify(token, keys)).resolves.toBeDefined();
    expect(await active(token)).toBe(true);
  });

  it('lets the announced successor sign immediately, since verifiers have its key (K11, RFC 7517 5)', async () => {
    const before = await signer();
    const [announced] = (await rotate()).body.added;
    const { body } = await rotate({ immediately: true });
    expect(body.added.map(({ id, state }: any) => [id, state])).toEqual([[announced.id, 'current']]);
    expect(Date.parse(body.added[0].signs_from)).toBeLessThanOrEqual(Date.now());
    expect(await signer()).toBe(announced.id);
    expect(await published()).toEqual([announced.id, before]);
    const { body: found } = await admin(server).get('/AuditEvent?action=signing-key.update&_count=1');
    expect(found.entry.map(({ resource }: any) => resource)).toMatchObject([
      {
        target: { resourceType: 'SigningKey', id: announced.id },
        detail: {
          reason: 'rotated_immediately',
          before: { signs_from: announced.signs_from },
          after: { signs_from: body.added[0].signs_from },
        },
      },
    ]);
  });

  it.each([
    [false, 'makes one set'],
    [true, 'lets one set sign'],
  ])(
    'carries out one of several concurrent rotations in two processes (announced: %s): it %s',
    async (announce) => {
      const before = await signer();
      if (announce) await rotate();
      const answers = await atOnce({ immediately: true });
      expect(answers.map(({ status }) => status)).toEqual(Array(6).fill(200));
      const added = answers.flatMap(({ body }) => body.added.map(({ id }: any) => id));
      expect(added).toHaveLength(1);
      expect(await published()).toEqual([added[0], before]);
    },
  );

  it('replaces a compromised key once, however many requests report it at once (K12, ASVS 11.1.1)', async () => {
    const before = await signer();
    const answers = await atOnce({ compromised: before });
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(5).fill(404)]);
    const added = answers.flatMap(({ body }) => body.added ?? []);
    expect(await published()).toEqual(added.map(({ id }: any) => id));
    expect(added).toHaveLength(1);
  });

  it('publishes a key in every process before it signs its first token (K11, RFC 7517 5)', async () => {
    const set = async () => (await get(`${beside.url}/.well-known/jwks.json`)).body.keys;
    for (const order of ['immediately', 'compromised', 'immediately', 'compromised']) {
      await set();
      await rotate({ [order]: order === 'compromised' ? await signer() : true });
      const kid = await signer();
      expect((await set()).map((key: any) => key.kid)).toContain(kid);
    }
  });

  it('removes a compromised key and closes every session whose token it signed (K12, ASVS 11.1.1)', async () => {
    const token = await client.token(NATIVE);
    const opaque = await (await aClient(server).register()).token(NATIVE);
    const before = decodeProtectedHeader(token).kid as string;
    const { status, body } = await rotate({ compromised: before });
    expect(status).toBe(200);
    expect(await published()).toEqual([body.added[0].id]);
    expect(await active(token)).toBe(false);
    expect(await signer()).toBe(body.added[0].id);
    expect((await get(`${server.url}/Session`, { authorization: `Bearer ${opaque}` })).status).toBe(200);
    const closed = await admin(server).get(`/Session?client=${client.id}&active=false`);
    expect(closed.body.total).toBe(1);
    expect((await rotate({ compromised: before })).status).toBe(404);
  });

  it('rejects contradictory orders', async () => {
    const { status, body } = await rotate({ immediately: true, compromised: 'x' });
    expect([status, body.errors.map(({ path }: any) => path)]).toEqual([422, ['compromised']]);
    expect((await rotate({ immediately: 'yes' })).body.errors[0].path).toBe('immediately');
  });

  it('keeps keys across a restart', async () => {
    const token = await client.token(NATIVE);
    await rotate({ immediately: true });
    const before = await states();
    await server.restart();
    expect(await states()).toEqual(before);
    expect(await active(token)).toBe(true);
  });

  it('rotates every algorithm in use', async () => {
    await aClient(server).withTokens({ signing_alg: 'ES256' }).register();
    const { body } = await rotate({ immediately: true });
    expect(body.added.map(({ alg }: any) => alg).sort()).toEqual(['ES256', 'RS256']);
  });
});

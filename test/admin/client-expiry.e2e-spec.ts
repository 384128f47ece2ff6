import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Admin, admin } from '../support/admin.js';
import { aSigningClient, INVALID_CLIENT } from '../support/assertions.js';
import { DAY_MS, HOUR_MS, MINUTE_MS, TestClock } from '../support/clock.js';
import { DIALECTS, NATIVE } from '../support/dialects.js';
import { bearer, form, get } from '../support/http.js';
import { useLibrary } from '../support/library.js';
import { aClient, type TestClient } from '../support/registration.js';
import { expectProblem, idsOf } from './answers.js';
import { withToken } from './callers.js';

const clock = new TestClock();
const library = useLibrary({ env: clock.env });
let root: Admin;

beforeAll(() => {
  root = admin(library.server);
});
beforeEach(() => clock.set(0));
afterAll(() => clock.remove());

const inTime = (milliseconds: number) => new Date(Date.now() + milliseconds).toISOString();

const aWorker = () =>
  aClient(library.server)
    .with({ grant_types: ['basic', 'client_credentials'] })
    .withTokens({ refresh_token: true, access_token_expiration: 86_400 })
    .withGrant('Client:*:read', 'book:*:read')
    .register();

const expire = async ({ id }: { id: string }, at: string | null) => {
  const answer = await root.patch(`/Client/${id}`, { expires_at: at });
  expect(answer.status, answer.text).toBe(200);
  return answer;
};

const isActive = async (token: string, caller: { authorization: string }) =>
  (await form(`${library.server.url}/auth/introspect`, { token }, caller)).body.active;

const verifies = async (token: string) =>
  (await get(`${library.server.url}/auth/verify?scope=book:1:read`, bearer(token))).status;

/** Every way in which a client or its tokens are accepted. */
async function uses(client: TestClient, old: { access_token: string; refresh_token: string }) {
  const introspector = await aClient(library.server).withGrant('Session:*:introspect').register();
  const endpoints = ['/auth/introspect', '/oauth/introspect', '/oidc/token/introspection'];
  const revocations = ['/auth/revoke', '/oauth/revoke', '/oidc/token/revocation'];
  const status = async (path: string) =>
    (await form(library.server.url + path, { token: 'x' }, client.basic)).status;
  const { body: session } = await root.get(`/Session?client=${client.id}`);
  return {
    tokens: await Promise.all(
      DIALECTS.map(async (dialect) => {
        const fields = { audience: 'urn:library', scope: 'book:1:read' };
        return (await client.ask(dialect, fields)).status;
      }),
    ),
    asBody: (
      await form(library.server.url + NATIVE.token, { grant_type: 'client_credentials', ...client.inBody })
    ).status,
    introspecting: await Promise.all(endpoints.map(status)),
    revoking: await Promise.all(revocations.map(status)),
    administering: (await admin(library.server, client.basic).get('/Client')).status,
    refreshing: (await client.post(NATIVE, { grant_type: 'refresh_token', ...old })).status,
    introspected: await isActive(old.access_token, introspector.basic),
    refreshable: await isActive(old.refresh_token, introspector.basic),
    verified: await verifies(old.access_token),
    live: session.entry.some(({ resource }: any) => resource.active),
  };
}

const EVERYTHING = {
  tokens: [200, 200, 200],
  asBody: 200,
  introspecting: [200, 200, 200],
  revoking: [200, 200, 200],
  administering: 200,
  refreshing: 200,
  introspected: true,
  refreshable: false,
  verified: 200,
  live: true,
};
const NOTHING = {
  tokens: [401, 401, 401],
  asBody: 401,
  introspecting: [401, 401, 401],
  revoking: [401, 401, 401],
  administering: 401,
  refreshing: 401,
  introspected: false,
  refreshable: false,
  verified: 401,
  live: false,
};

describe('A client with an end', () => {
  it('authenticates until then, and from then on nowhere; its sessions end without a write', async () => {
    const client = await aWorker();
    const { body: old } = await client.ask(NATIVE, { scope: 'book:1:read' });
    await expire(client, inTime(HOUR_MS));
    expect(await uses(client, old)).toEqual(EVERYTHING);
    const revisions = async () => (await root.get(`/Client/${client.id}`)).headers.get('etag');
    const before = await revisions();
    await clock.set(HOUR_MS + MINUTE_MS);
    expect(await uses(client, old)).toEqual(NOTHING);
    expect(await revisions()).toBe(before);
    expect(idsOf(await root.get(`/Session?client=${client.id}&active=true`))).toEqual([]);
    expect((await client.ask(NATIVE)).body).toEqual(INVALID_CLIENT);
  });

  it('has an end in the past at once', async () => {
    const client = await aWorker();
    const { body: old } = await client.ask(NATIVE, { scope: 'book:1:read' });
    await expire(client, inTime(-1000));
    expect(await uses(client, old)).toEqual(NOTHING);
    const { resource } = (await root.get(`/AuditEvent?client=${client.id}&action=session.close`)).body
      .entry[0];
    expect(resource.detail).toEqual({ reason: 'client_expired', sessions: 'all' });
  });

  it('gets no session back when it is given more time after its end', async () => {
    const client = await aWorker();
    const { body: old } = await client.ask(NATIVE, { scope: 'book:1:read' });
    await expire(client, inTime(HOUR_MS));
    await clock.set(2 * HOUR_MS);
    await expire(client, inTime(DAY_MS));
    expect(await verifies(old.access_token)).toBe(401);
    expect((await client.post(NATIVE, { grant_type: 'refresh_token', ...old })).body.error).toBe(
      'invalid_grant',
    );
    expect(await verifies(await client.token(NATIVE, { scope: 'book:1:read' }))).toBe(200);
  });

  it('keeps its sessions when its end is moved before it is reached', async () => {
    const client = await aWorker();
    const token = await client.token(NATIVE, { scope: 'book:1:read' });
    for (const end of [inTime(HOUR_MS), inTime(DAY_MS), null]) await expire(client, end);
    expect(await verifies(token)).toBe(200);
  });

  it('gets tokens that end with it, also for APIs that verify JWTs themselves', async () => {
    const client = await aWorker();
    await expire(client, inTime(10 * MINUTE_MS));
    for (const dialect of DIALECTS) {
      const { body } = await client.ask(dialect, { audience: 'urn:library', scope: 'book:1:read' });
      expect(body.expires_in).toBeGreaterThan(590);
      expect(body.expires_in).toBeLessThanOrEqual(600);
    }
    await expire(client, null);
    expect((await client.ask(NATIVE, { scope: 'book:1:read' })).body.expires_in).toBe(86_400);
  });

  it('cannot sign in with private_key_jwt either', async () => {
    const client = await aSigningClient(library.server);
    expect((await client.ask(NATIVE)).status).toBe(200);
    await expire(client, inTime(-1));
    for (const dialect of DIALECTS) expect((await client.ask(dialect)).body).toEqual(INVALID_CLIENT);
  });

  it('cannot write with a token that it got before', async () => {
    const client = await aClient(library.server)
      .withTokens({ access_token_expiration: 86_400 })
      .withGrant('Client:*:*')
      .register();
    const caller = withToken(library.server, await client.token(NATIVE));
    expect((await caller.get('/Client/root')).status).toBe(200);
    await expire(client, inTime(-1));
    expectProblem(await caller.put('/Client/late', {}), 401);
  });
});

describe('expires_at', () => {
  it('keeps the instant, in whichever zone it was written', async () => {
    const written = await root.put('/Client/zoned', { expires_at: '2099-01-01T01:00:00+02:00' });
    expect(written.body.expires_at).toBe('2098-12-31T23:00:00.000Z');
    const again = await root.put('/Client/zoned', { expires_at: '2098-12-31T23:00:00Z' });
    expect(again.headers.get('etag')).toBe(written.headers.get('etag'));
    expect((await root.put('/Client/zoned', {})).body).not.toHaveProperty('expires_at');
  });

  it.each([
    '',
    'tomorrow',
    '2099-01-01',
    '2099-01-01T00:00:00',
    '2099-02-30T00:00:00Z',
    '2099-01-01T24:00:00Z',
    '2099-01-01T00:00:00+25:00',
    '1969-12-31T23:59:59Z',
    '+012099-01-01T00:00:00Z',
    4_070_908_800,
    {},
  ])('rejects %j', async (expires_at) => {
    expectProblem(await root.put('/Client/zoned', { expires_at }), 422, ['expires_at']);
  });

  it('is searched as a date', async () => {
    await root.put('/Client/e-1', { expires_at: '2051-03-01T12:00:00Z' });
    await root.put('/Client/e-2', { expires_at: '2051-04-01T00:00:00Z' });
    await root.put('/Client/e-3', {});
    const find = async (query: string) => idsOf(await root.get(`/Client?${query}`));
    expect(await find('expires=2051')).toEqual(['e-1', 'e-2']);
    expect(await find('expires=2051-03')).toEqual(['e-1']);
    expect(await find('expires=ge2051-03-01T12:00:00Z&expires=lt2051-04')).toEqual(['e-1']);
    expect(await find('_id=e-3&expires=gt1970')).toEqual([]);
    expectProblem(await root.get('/Client?expires=soon'), 400, ['expires']);
  });
});

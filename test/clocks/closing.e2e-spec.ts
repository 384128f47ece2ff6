import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { admin } from '../support/admin.js';
import { HOUR_MS, MINUTE_MS, SECOND_MS, TestClock } from '../support/clock.js';
import { NATIVE } from '../support/dialects.js';
import { bearer, form, request } from '../support/http.js';
import { query } from '../support/query.js';
import { aClient, TestClient } from '../support/registration.js';
import { startServer, type TestServer } from '../support/server.js';

const clock = new TestClock();
let server: TestServer;
let other: TestServer;

beforeAll(async () => {
  server = await startServer();
  other = await startServer({ beside: server, env: clock.env });
}, 120_000);
afterAll(async () => {
  await other?.stop();
  await server?.stop();
  clock.remove();
});

/** The same client at the other process. */
const elsewhere = ({ id, secret }: TestClient) => new TestClient(other, id, secret);

const works = async (at: TestServer, token: string) =>
  (await request(`${at.url}/Session`, { headers: bearer(token) })).status === 200;

const aRefresher = () => aClient(server).withTokens({ refresh_token: true }).register();

const refresh = (client: TestClient, refresh_token: string) =>
  client.post(NATIVE, { grant_type: 'refresh_token', refresh_token });

const OFFSETS: [string, number][] = [
  ['20 ms ahead', 20],
  ['2 s behind', -2 * SECOND_MS],
  ['30 minutes ahead', 30 * MINUTE_MS],
];

describe.each(OFFSETS)('Closing all sessions of a client between processes, one of them %s', (_, offset) => {
  beforeAll(() => clock.set(offset));

  it.each(['this', 'the other'])(
    'closes every token issued before by %s process, and none issued after (fault F11)',
    async (which) => {
      const client = await aRefresher();
      const both = [client, elsewhere(client)];
      const closer = admin(which === 'this' ? server : other);
      for (let turn = 0; turn < 2; turn++) {
        const before = await Promise.all(
          [...both, ...both, ...both].map((one) => one.ask(NATIVE).then(({ body }) => body)),
        );
        expect((await closer.delete(`/Session?client=${client.id}`)).status).toBe(204);
        const after = await Promise.all([...both, ...both, ...both].map((one) => one.token(NATIVE)));
        for (const at of [server, other]) {
          for (const { access_token } of before) expect(await works(at, access_token)).toBe(false);
          for (const token of after) expect(await works(at, token)).toBe(true);
        }
        for (const { refresh_token } of before)
          expect((await refresh(client, refresh_token)).body).toMatchObject({ error: 'invalid_grant' });
      }
    },
  );

  it('keeps the tokens of a disabled client closed when it is enabled again (fault F11)', async () => {
    const client = await aRefresher();
    const before = [await client.token(NATIVE), await elsewhere(client).token(NATIVE)];
    expect((await admin(server).patch(`/Client/${client.id}`, { active: false })).status).toBe(200);
    expect((await elsewhere(client).ask(NATIVE)).status).toBe(401);
    expect((await admin(server).patch(`/Client/${client.id}`, { active: true })).status).toBe(200);
    for (const token of before) for (const at of [server, other]) expect(await works(at, token)).toBe(false);
    expect(await works(other, await client.token(NATIVE))).toBe(true);
  });

  it('rejects old secrets in every process after a rotation that closes sessions (fault F11)', async () => {
    const client = await aRefresher();
    await elsewhere(client).token(NATIVE);
    const answer = await admin(server).post(`/Client/${client.id}/$rotate-secret`, { close_sessions: true });
    expect(answer.status, answer.text).toBe(200);
    expect((await elsewhere(client).ask(NATIVE)).status).toBe(401);
  });
});

describe('Closing all sessions of a client', () => {
  it('ends every refresh in progress in any process (fault A6)', { timeout: 60_000 }, async () => {
    await clock.set(-2 * SECOND_MS);
    for (let round = 0; round < 3; round++) {
      const client = await aRefresher();
      const both = [client, elsewhere(client)];
      const tokens: { access_token: string; refresh_token: string }[] = [];
      let closed = false;
      const chain = async (one: TestClient) => {
        let last = (await one.ask(NATIVE)).body;
        tokens.push(last);
        while (!closed) {
          const { status, body } = await refresh(one, last.refresh_token);
          if (status !== 200) return expect(body.error).toBe('invalid_grant');
          last = body;
          tokens.push(last);
        }
      };
      const chains = Promise.all(Array.from({ length: 16 }, (_, n) => chain(both[n % 2] as TestClient)));
      while (tokens.length < 48) await new Promise(setImmediate);
      expect((await admin(server).delete(`/Session?client=${client.id}`)).status).toBe(204);
      closed = true;
      await chains;
      const active = await admin(other).get(`/Session?client=${client.id}&active=true`);
      expect(active.body.total).toBe(0);
      for (const { refresh_token } of tokens.slice(-16))
        expect((await refresh(client, refresh_token)).body).toMatchObject({ error: 'invalid_grant' });
    }
  });

  it('completes immediately and closes nothing opened later, even if the clock is set back (fault D4)', async () => {
    await clock.set(HOUR_MS);
    const client = elsewhere(await aRefresher());
    await admin(other).patch(`/Client/${client.id}`, { active: false });
    await admin(other).patch(`/Client/${client.id}`, { active: true });
    const before = await client.token(NATIVE);
    await admin(other).delete(`/Session?client=${client.id}`);
    await clock.set(0);
    const began = performance.now();
    expect((await admin(other).delete(`/Session?client=${client.id}`)).status).toBe(204);
    expect((await admin(other).patch(`/Client/${client.id}`, { name: 'x' })).status).toBe(200);
    expect(performance.now() - began).toBeLessThan(15 * SECOND_MS);
    expect(await works(other, before)).toBe(false);
    const after = await client.token(NATIVE);
    expect(await works(other, after)).toBe(true);
    expect(await works(server, after)).toBe(true);
  });

  it('closes the tokens of an earlier client with the same id, however old (fault F11)', async () => {
    const client = await aRefresher();
    const token = await client.token(NATIVE);
    await query(server, 'UPDATE session SET ends_at = 1 WHERE client_id = ?', [client.id]);
    expect((await admin(server).delete(`/Client/${client.id}`)).status).toBe(204);
    await aClient(server, client.id).register();
    await query(server, 'UPDATE session SET ends_at = 99999999999999 WHERE client_id = ?', [client.id]);
    expect(await works(server, token)).toBe(false);
  });
});

describe('Sessions from before generations', () => {
  const beforeGenerations = async (client: TestClient) => {
    await query(server, 'UPDATE client SET session_generation = 0 WHERE id = ?', [client.id]);
    await query(server, 'UPDATE session SET generation = NULL WHERE client_id = ?', [client.id]);
  };

  it('keeps such a session live and refreshable until the next closing (fault F11)', async () => {
    const client = await aRefresher();
    const { body } = await client.ask(NATIVE);
    await beforeGenerations(client);
    expect(await works(server, body.access_token)).toBe(true);
    const refreshed = await refresh(client, body.refresh_token);
    expect(refreshed.status).toBe(200);
    expect(await works(server, refreshed.body.access_token)).toBe(true);
    await admin(server).delete(`/Session?client=${client.id}`);
    for (const { access_token } of [body, refreshed.body])
      expect(await works(server, access_token)).toBe(false);
    expect((await refresh(client, refreshed.body.refresh_token)).status).toBe(400);
  });

  it('keeps such a session closed if it was closed by a time (fault F11)', async () => {
    const client = await aRefresher();
    const token = await client.token(NATIVE);
    await beforeGenerations(client);
    await query(server, 'UPDATE client SET sessions_closed_before = ? WHERE id = ?', [Date.now(), client.id]);
    expect(await works(server, token)).toBe(false);
    const introspected = await form(`${server.url}/auth/introspect`, { token }, client.basic);
    expect(introspected.body).toEqual({ active: false });
  });
});

import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { events } from '../admin/audit.js';
import { admin } from '../support/admin.js';
import { aSigningClient, INVALID_CLIENT, nowSeconds } from '../support/assertions.js';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, TestClock } from '../support/clock.js';
import { NATIVE } from '../support/dialects.js';
import { bearer, get, request } from '../support/http.js';
import { registerLibrary } from '../support/library.js';
import { query } from '../support/query.js';
import { aClient, TestClient } from '../support/registration.js';
import { engine, startServer, type TestServer } from '../support/server.js';

/** Longer than the sweepers rest when there is nothing to do. */
const SWEPT_MS = 3 * SECOND_MS;

const clock = new TestClock();
let server: TestServer;
let other: TestServer;

beforeAll(async () => {
  server = await startServer({
    env: { ...clock.env, LATCHKEY_AUDIT_RETENTION_DAYS: '30' },
  });
  await registerLibrary(server);
  other = await startServer({
    beside: server,
    env: { NODE_OPTIONS: undefined, TEST_CLOCK_OFFSET_FILE: undefined },
  });
}, 120_000);
afterAll(async () => {
  await other?.stop();
  await server?.stop();
  clock.remove();
});

async function until(what: () => Promise<boolean>): Promise<boolean> {
  for (const limit = Date.now() + 60_000; Date.now() < limit; await sleep(200)) if (await what()) return true;
  return false;
}

const works = async (at: TestServer, token: string) =>
  (await request(`${at.url}/Session`, { headers: bearer(token) })).status === 200;

const sessionsOf = async ({ id }: TestClient): Promise<string[]> => {
  const { body } = await admin(other).get(`/Session?client=${id}&_count=1000`);
  return (body.entry ?? []).map(({ resource }: any) => resource.id).sort();
};

const auditedOf = async ({ id }: TestClient): Promise<string[]> => {
  const answer = await admin(other).get(`/AuditEvent?action=token.issue&client=${id}&_count=1000`);
  const issued: any[] = (answer.body.entry ?? []).map(({ resource }: any) => resource);
  const ids = issued.flatMap(({ detail }) => detail.grants.flatMap(({ sessions }: any) => sessions));
  return [...new Set(ids.map((session: any) => session.id as string))].sort();
};

const isAudited = async (client: TestClient): Promise<boolean> =>
  JSON.stringify(await auditedOf(client)) === JSON.stringify(await sessionsOf(client));

const elsewhere = ({ id, secret }: TestClient) => new TestClient(other, id, secret);

describe('Temporary clock jumps', { timeout: 240_000 }, () => {
  it('lose no session and no audit event, even across a restart (fault F6)', async () => {
    const client = await aClient(server).withTokens({ access_token_expiration: 3600 }).register();
    const tokens = await Promise.all(Array.from({ length: 5 }, () => client.token(NATIVE)));
    expect(await until(() => isAudited(client))).toBe(true);
    const before = (await events(other)).map(({ id }) => id);
    await clock.set(400 * DAY_MS);
    await sleep(SWEPT_MS);
    expect(server.stderr()).toMatch(/clock jumped: removal by age suspended|process clock differs/);
    await server.restart();
    await sleep(SWEPT_MS);
    expect(server.stderr()).toMatch(/removal by age suspended|process clock differs/);
    await clock.set(0);
    expect(await sessionsOf(client)).toHaveLength(5);
    const after = (await events(other)).map(({ id }) => id);
    expect(after).toEqual(expect.arrayContaining(before));
    for (const token of tokens) expect(await works(server, token)).toBe(true);
    await server.restart();
  });

  it('leave no issued token without its audit event (fault D4)', async () => {
    const client = await aClient(server).register();
    await client.token(NATIVE);
    await clock.set(HOUR_MS);
    await client.token(NATIVE);
    await sleep(7 * SECOND_MS);
    await client.token(NATIVE);
    await elsewhere(client).token(NATIVE);
    await server.restart();
    for (let n = 0; n < 8; n++) {
      await client.token(NATIVE);
      await elsewhere(client).token(NATIVE);
      await sleep(SECOND_MS);
    }
    await clock.set(0);
    await client.token(NATIVE);
    await server.restart();
    await client.token(NATIVE);
    await elsewhere(client).token(NATIVE);
    expect(await sessionsOf(client)).toHaveLength(23);
    expect(await until(() => isAudited(client))).toBe(true);
  });

  it('let no assertion be used twice, even across a restart (fault F6)', async () => {
    const client = await aSigningClient(server);
    const assertion = await client.signer.sign(client.claims(NATIVE, { exp: nowSeconds() + 600 }));
    expect((await client.present(NATIVE, assertion)).status).toBe(200);
    await clock.set(5 * HOUR_MS);
    await server.restart();
    await sleep(SWEPT_MS);
    await clock.set(0);
    await server.restart();
    expect((await client.present(NATIVE, assertion)).body).toEqual(INVALID_CLIENT);
  });

  it('leave no request without a response (fault F6)', async () => {
    const client = await aClient(server).withTokens({ refresh_token: true }).register();
    const root = admin(server);
    for (const offset of [HOUR_MS, 0, -HOUR_MS, 400 * DAY_MS, 0]) {
      await clock.set(offset);
      const began = performance.now();
      expect((await root.delete(`/Session?client=${client.id}`)).status).toBe(204);
      for (const active of [false, true])
        expect((await root.patch(`/Client/${client.id}`, { active })).status).toBe(200);
      expect(await works(server, await client.token(NATIVE))).toBe(true);
      expect(performance.now() - began).toBeLessThan(15 * SECOND_MS);
    }
  });
});

describe('Timestamps in the future', { timeout: 120_000 }, () => {
  it('do not block a token quota: a window that cannot have begun ends (fault D4)', async () => {
    const client = await aClient(server)
      .with({ token_quota: { per_hour: 2 } })
      .register();
    await Promise.all([client.token(NATIVE), client.token(NATIVE)]);
    expect((await client.ask(NATIVE)).status).toBe(429);
    const sql = 'UPDATE token_quota_use SET hour_start = hour_start + ? WHERE client_id = ?';
    await query(server, sql, [400 * DAY_MS, client.id]);
    expect((await client.ask(NATIVE)).status).toBe(200);
  });

  it('are logged when found in ids, and new ids are greater (fault D4)', async () => {
    const client = await aClient(server).register();
    const far = '0fffffff-ffff-7000-8000-000000000000';
    const [scan] = await query(server, 'SELECT session_id FROM audit_scan');
    await other.kill();
    await server.kill();
    await query(server, 'UPDATE audit_scan SET session_id = ? WHERE id = 1', [far]);
    await server.start();
    await other.start();
    await client.token(NATIVE);
    expect(server.stderr()).toContain('session ids are ahead of the clock');
    expect((await sessionsOf(client)).every((id) => id > far)).toBe(true);
    expect(await until(async () => (await auditedOf(client)).length === 1)).toBe(true);
    expect(scan.session_id < far).toBe(true);
  });
});

describe('Two processes whose clocks are 30 minutes apart', { timeout: 240_000 }, () => {
  it('audit every token of both processes and report the skew (fault D4)', async () => {
    await clock.set(-30 * MINUTE_MS);
    await server.restart();
    const client = await aClient(server).register();
    for (let n = 0; n < 5; n++) {
      await client.token(NATIVE);
      await elsewhere(client).token(NATIVE);
      await sleep(SECOND_MS);
    }
    expect(await sessionsOf(client)).toHaveLength(10);
    expect(await until(() => isAudited(client))).toBe(true);
    const { body } = await get(`${server.url}/health/ready`);
    // On SQLite both are on one machine: there is no other clock to compare with.
    expect(Math.round(body.clock_skew_ms / MINUTE_MS) + 0).toBe(engine !== 'sqlite' ? -30 : 0);
    if (engine !== 'sqlite')
      expect(server.stderr()).toContain('process clock differs from the database clock');
  });
});

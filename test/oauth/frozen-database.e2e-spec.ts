import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { admin } from '../support/admin.js';
import { aSigningClient } from '../support/assertions.js';
import { DIALECTS, NATIVE } from '../support/dialects.js';
import { type Answer, bearer, form, get, request } from '../support/http.js';
import { launch } from '../support/launch.js';
import { READ_BOOK_1, registerLibrary } from '../support/library.js';
import { freePort } from '../support/port.js';
import { aClient } from '../support/registration.js';
import { hasScratchServer, ScratchDatabase } from '../support/scratch-database.js';
import { startServer, type TestServer } from '../support/server.js';
import { runSql } from '../support/sql.js';

const MAX_RESPONSE_MS = 4000;
const REVOCATIONS = ['/auth/revoke', '/oauth/revoke', '/oidc/token/revocation'];
const INTROSPECTIONS = ['/auth/introspect', '/oauth/introspect', '/oidc/token/introspection'];
/** What two connections of the writer may have under way when the database freezes. */
const MAX_IN_FLIGHT = 8;

const unavailable = {
  error: 'temporarily_unavailable',
  error_description: 'the server is temporarily unavailable',
};

interface Timed extends Answer {
  milliseconds: number;
}

async function timed(answer: Promise<Answer>): Promise<Timed> {
  const before = performance.now();
  return { ...(await answer), milliseconds: performance.now() - before };
}

async function refusesInTime(name: string, asked: Promise<Answer>): Promise<Answer> {
  const answer = await timed(asked);
  expect([name, answer.status, answer.headers.get('retry-after')]).toEqual([name, 503, '1']);
  expect(answer.milliseconds, name).toBeLessThan(MAX_RESPONSE_MS);
  return answer;
}

const refusesAsOAuth = async (name: string, asked: Promise<Answer>) =>
  expect([name, (await refusesInTime(name, asked)).body]).toEqual([name, unavailable]);

const residentBytes = (server: TestServer): number =>
  1024 * Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))?.[1]);

async function sessionsOf(server: TestServer, clientId: string): Promise<number> {
  const [row] = await runSql(
    server,
    `SELECT COUNT(*) AS sessions FROM session WHERE client_id = '${clientId}'`,
  );
  return Number(row?.sessions);
}

async function servesAgain(ask: () => Promise<Answer>): Promise<number> {
  const before = performance.now();
  while ((await ask()).status !== 200) {
    if (performance.now() - before > 10_000) throw new Error('it never served again');
    await sleep(50);
  }
  return performance.now() - before;
}

describe('While its database is frozen', { timeout: 60_000, skip: !hasScratchServer }, () => {
  let database: ScratchDatabase;
  let server: TestServer;

  beforeAll(async () => {
    database = await ScratchDatabase.start();
    const env = { LATCHKEY_FAILURES_PER_MINUTE: '20' };
    server = await startServer({ databaseUrl: await database.createDatabase(), env });
    await registerLibrary(server);
  });
  afterAll(async () => {
    database?.thaw();
    await server?.stop();
    await database?.stop();
  });

  it('answers 503 within seconds while the database is frozen, and recovers with it (E06, E07, R06, L07, RFC 9110 15.6.4, CVE-2020-15223)', async () => {
    const client = await aClient(server)
      .withTokens({ refresh_token: true })
      .withGrant('book:1:read')
      .register();
    const signing = await aSigningClient(server);
    const before = (await client.ask(NATIVE)).body;
    const refresh = { grant_type: 'refresh_token', refresh_token: before.refresh_token };
    const assertion = await signing.assertion(NATIVE);
    const root = admin(server);
    const token = before.access_token;
    const post = (path: string, fields: Record<string, string>, headers = {}) =>
      form(server.url + path, fields, headers);
    const wrong = { grant_type: 'client_credentials', ...client.inBody, client_secret: 'not its secret' };
    const unknown = { ...wrong, client_id: 'nobody-has-this-id' };
    database.freeze();
    await Promise.all([
      ...DIALECTS.map((dialect) => refusesAsOAuth(dialect.token, client.ask(dialect, READ_BOOK_1))),
      refusesAsOAuth('refresh', client.post(NATIVE, refresh)),
      refusesAsOAuth('assertion', signing.present(NATIVE, assertion)),
      refusesAsOAuth('wrong secret', post(NATIVE.token, wrong)),
      refusesAsOAuth('unknown client', post(NATIVE.token, unknown)),
      ...[...REVOCATIONS, ...INTROSPECTIONS].map((path) =>
        refusesAsOAuth(path, post(path, { token }, client.basic)),
      ),
      refusesInTime('verify', get(`${server.url}/auth/verify?scope=book:1:read`, bearer(token))),
      refusesInTime('close', request(`${server.url}/Session`, { method: 'DELETE', headers: bearer(token) })),
      refusesInTime('list', root.get('/Session')),
      refusesInTime('read', root.get(`/Client/${client.id}`)),
      refusesInTime('change', root.patch(`/Client/${client.id}`, { name: 'never' })),
      refusesInTime('rotate', root.post(`/Client/${client.id}/$rotate-secret`, { overlap: 60 })),
      (async () => {
        await sleep(1000);
        await refusesInTime('ready', get(`${server.url}/health/ready`));
      })(),
    ]);
    expect((await get(`${server.url}/health/live`)).status).toBe(200);
    database.thaw();
    expect(await servesAgain(() => get(`${server.url}/health/ready`))).toBeLessThan(3000);
    expect((await client.ask(NATIVE, READ_BOOK_1)).status).toBe(200);
    expect((await root.get(`/Client/${client.id}`)).body).not.toHaveProperty('name');
    // F07, C22: what was not carried out may be asked again.
    expect((await client.post(NATIVE, refresh)).status).toBe(200);
    expect((await signing.present(NATIVE, assertion)).status).toBe(200);
    expect((await post('/auth/revoke', { token }, client.basic)).status).toBe(200);
  });

  it('writes nothing later that was rejected while waiting, and uses bounded memory (L07, ASVS 13.1.2, 13.2.6)', async () => {
    const client = await aClient(server).register();
    expect((await client.ask(NATIVE)).status).toBe(200);
    database.freeze();
    const waiting = [];
    for (let asked = 0; asked < 60; asked++) {
      waiting.push(refusesInTime('waiting', client.ask(NATIVE)));
      await sleep(5);
    }
    await Promise.all(waiting);
    const resident = residentBytes(server);
    const started = performance.now();
    for (let round = 0; round < 10; round++) {
      await Promise.all(Array.from({ length: 50 }, () => refusesInTime('flood', client.ask(NATIVE))));
    }
    // Refused at once: 10 rounds that each waited for the database would take 20 seconds.
    expect(performance.now() - started).toBeLessThan(10_000);
    expect(residentBytes(server) - resident).toBeLessThan(64 * 2 ** 20);
    database.thaw();
    expect(await servesAgain(() => get(`${server.url}/health/ready`))).toBeLessThan(3000);
    await sleep(500);
    expect(await sessionsOf(server, client.id)).toBeLessThanOrEqual(1 + MAX_IN_FLIGHT);
  });

  it('ends a start with one line and completes a stop (L07, ASVS 13.1.2)', async () => {
    const port = String(await freePort());
    database.freeze();
    const before = performance.now();
    const starting = launch({ ...server.env, PORT: port });
    const [stopped, started] = await Promise.all([server.stop(), starting.exited]);
    expect(performance.now() - before).toBeLessThan(9000);
    expect(stopped).toEqual({ code: 0, signal: null });
    expect(started).toEqual({ code: 1, signal: null });
    expect(starting.stderr()).toMatch(/^Latchkey cannot start: DATABASE_URL[^\n]*\n$/);
  });
});

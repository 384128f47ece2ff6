import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { admin } from '../support/admin.js';
import { AUTH0, NATIVE } from '../support/dialects.js';
import { basic, bearer, form, get, request } from '../support/http.js';
import { READ_BOOK_1, registerLibrary } from '../support/library.js';
import { aClient, type TestClient } from '../support/registration.js';
import { startServer, type TestServer } from '../support/server.js';
import { everywhere, untilWorkers } from '../support/workers.js';

type Line = Record<string, unknown>;

/** The lines of the access log; throws if one of standard error is not whole. */
const linesOf = (server: TestServer): Line[] =>
  server
    .stderr()
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line)
    .filter(({ msg }) => msg === 'request served');

const isMark = ({ method }: Line): boolean => method === 'DELETE';

/** Sends a request that no test sends; answers the place of its line, which is after all earlier ones. */
async function mark(server: TestServer): Promise<number> {
  const marks = () => linesOf(server).filter(isMark).length;
  const before = marks();
  await request(`${server.url}/nowhere`, { method: 'DELETE' });
  for (const limit = Date.now() + 10_000; marks() === before; await sleep(20)) {
    if (Date.now() > limit) throw new Error(`The request was not logged.\n${server.stderr()}`);
  }
  return linesOf(server).findLastIndex(isMark);
}

/** The lines of what `work` sends. */
async function linesDuring(server: TestServer, work: () => Promise<unknown>): Promise<Line[]> {
  const from = await mark(server);
  await work();
  const to = await mark(server);
  return linesOf(server).slice(from + 1, to);
}

describe('The access log', { timeout: 60_000 }, () => {
  let server: TestServer;
  let client: TestClient;
  beforeAll(async () => {
    server = await startServer({ env: { LATCHKEY_ACCESS_LOG: 'on', LATCHKEY_LOG_LEVEL: 'fatal' } });
    await registerLibrary(server);
    client = await aClient(server).withGrant('book:1:read').register();
  });
  afterAll(async () => {
    await server?.stop();
  });

  it('has a line with request id, client, result and duration for a token, whatever the log level', async () => {
    const [line] = await linesDuring(server, () => client.token(NATIVE, READ_BOOK_1));
    expect(line).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      request: expect.stringMatching(/^req-\w+$/),
      method: 'POST',
      route: '/auth/token',
      status: 200,
      result: 'opaque',
      client: client.id,
      address: '127.0.0.1',
      duration_ms: expect.any(Number),
      msg: 'request served',
    });
    expect(line?.duration_ms).toBeGreaterThan(0);
  });

  it('names an authenticated client only, and no id that was presented', async () => {
    const { url } = server;
    const token = await client.token(AUTH0, READ_BOOK_1);
    const lines = await linesDuring(server, async () => {
      await form(
        `${url}/oauth/token`,
        { grant_type: 'client_credentials' },
        basic('presented', 'not-a-secret'),
      );
      await form(`${url}/auth/introspect`, { token: 'unknown' }, client.basic);
      await get(`${url}/auth/verify?scope=book:1:read`, bearer(token));
      await get(`${url}/auth/verify?scope=book:1:write`, bearer(token));
      await admin(server).get('/Client/absent');
      await get(`${url}/presented?token=${token}`);
    });
    const shown = lines.map(({ route, status, result, client: who }) => [route, status, result, who]);
    expect(shown).toEqual([
      ['/oauth/token', 401, 'invalid_client', undefined],
      ['/auth/introspect', 200, 'inactive', client.id],
      ['/auth/verify', 200, undefined, client.id],
      ['/auth/verify', 403, 'insufficient_scope', undefined],
      ['/Client/:id', 404, undefined, server.adminId],
      [undefined, 404, undefined, undefined],
    ]);
    expect(JSON.stringify(lines)).not.toContain('presented');
  });

  it('has no line for health checks', async () => {
    const lines = await linesDuring(server, async () => {
      await get(`${server.url}/health/live`);
      await get(`${server.url}/openapi.json`);
    });
    expect(lines.map(({ route }) => route)).toEqual(['/openapi.json']);
  });
});

describe('The access log of a server that stops', { timeout: 60_000 }, () => {
  it('contains every response, in whole lines of each worker', async () => {
    const env = { LATCHKEY_ACCESS_LOG: 'on', LATCHKEY_WORKERS: '2', LATCHKEY_LOG_LEVEL: 'info' };
    const server = await startServer({ env });
    await untilWorkers(server, 2);
    const client = await aClient(server).withEverything().register();
    for (let round = 0; round < 5; round++) await everywhere(() => client.token(NATIVE), 40);
    await server.stop();
    const tokens = linesOf(server).filter(({ route }) => route === '/auth/token');
    expect(tokens).toHaveLength(200);
    expect(new Set(tokens.map(({ worker }) => worker)).size).toBe(2);
  });

  it('is empty by default', async () => {
    const server = await startServer();
    await aClient(server).register();
    await server.stop();
    expect(linesOf(server)).toEqual([]);
  });
});

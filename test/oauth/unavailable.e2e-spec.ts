import { connect, createServer, type Socket } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import { admin } from '../support/admin.js';
import { aSigningClient } from '../support/assertions.js';
import { createDatabase, dropDatabase } from '../support/database.js';
import { lockDatabase } from '../support/database-lock.js';
import { DIALECTS, NATIVE } from '../support/dialects.js';
import { bearer, form, get, request } from '../support/http.js';
import { READ_BOOK_1, registerLibrary } from '../support/library.js';
import { aClient, type TestClient } from '../support/registration.js';
import { engine, startServer, type TestServer } from '../support/server.js';

interface Line {
  databaseUrl: string;
  cut: () => void;
  mend: () => void;
  close: () => void;
}

/** A line to the database that can be cut. */
async function lineTo(databaseUrl: string): Promise<Line> {
  const { hostname, port } = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let whole = true;
  const proxy = createServer((near) => {
    if (!whole) return near.destroy();
    const far = connect(Number(port), hostname);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.pipe(other);
      socket.on('error', () => other.destroy());
      socket.on('close', () => sockets.delete(socket));
    }
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String((proxy.address() as { port: number }).port);
  const cut = () => {
    whole = false;
    for (const socket of sockets) socket.destroy();
  };
  const mend = () => {
    whole = true;
  };
  const close = () => {
    cut();
    proxy.close();
  };
  return { databaseUrl: url.href, cut, mend, close };
}

const unavailable = {
  error: 'temporarily_unavailable',
  error_description: 'the server is temporarily unavailable',
};

const REVOCATIONS = ['/auth/revoke', '/oauth/revoke', '/oidc/token/revocation'];
const INTROSPECTIONS = ['/auth/introspect', '/oauth/introspect', '/oidc/token/introspection'];

/** Neither that a token is revoked or closed, nor that it is active or inactive (RFC 7009 2.2.1). */
async function confirmsNothing(server: TestServer, client: TestClient, token: string): Promise<void> {
  for (const path of [...REVOCATIONS, ...INTROSPECTIONS]) {
    const answer = await form(server.url + path, { token }, client.basic);
    expect([path, answer.status, answer.body]).toEqual([path, 503, unavailable]);
    expect(answer.headers.get('retry-after')).toBe('1');
  }
  for (const path of ['/Session', '/Session?client=x', '/Session/x']) {
    const answer = await request(server.url + path, { method: 'DELETE', headers: bearer(token) });
    expect([path, answer.status]).toEqual([path, 503]);
    expect(answer.headers.get('retry-after')).toBe('1');
  }
  expect((await get(`${server.url}/auth/verify?scope=book:1:read`, bearer(token))).status).toBe(503);
}

const toldIn = (log: string): object[] =>
  log
    .trimEnd()
    .split('\n')
    .map((text) => JSON.parse(text))
    // A request may be the first to notice.
    .filter(({ level, msg }) => level !== 'debug' && msg !== 'request failed')
    .map(({ time, ...reported }) => reported);

function withoutItsDatabase(): void {
  it('answers 503 without a token or a confirmation, and recovers with the database (E05, E06, E07, R06, L07, RFC 9110 15.6.4, CVE-2020-15223)', async () => {
    const databaseUrl = await createDatabase();
    const line = await lineTo(databaseUrl);
    const env = { LATCHKEY_FAILURES_PER_MINUTE: '20' };
    const server = await startServer({ databaseUrl: line.databaseUrl, env });
    try {
      await registerLibrary(server);
      const client = await aClient(server)
        .withTokens({ refresh_token: true })
        .withGrant('book:1:read')
        .register();
      const signing = await aSigningClient(server);
      const before = (await client.ask(NATIVE)).body;
      const saidBefore = server.stderr().length;
      line.cut();
      const wrong = { ...client.inBody, client_secret: 'cannot be counted' };
      const uncounted = await form(server.url + NATIVE.token, { grant_type: 'client_credentials', ...wrong });
      expect({ status: uncounted.status, body: uncounted.body }).toEqual({ status: 503, body: unavailable });
      await new Promise((resolve) => setTimeout(resolve, 1200));
      for (const dialect of DIALECTS) {
        const answer = await client.ask(dialect, READ_BOOK_1);
        expect(answer.status).toBe(503);
        expect(answer.headers.get('retry-after')).toBe('1');
        expect(answer.headers.get('cache-control')).toBe('no-store');
        expect(answer.body).toEqual(unavailable);
      }
      // C22: an assertion that could not be recorded is not taken, and may come again.
      const assertion = await signing.assertion(NATIVE);
      expect((await signing.present(NATIVE, assertion)).body).toEqual(unavailable);
      const refused = await client.post(NATIVE, {
        grant_type: 'refresh_token',
        refresh_token: before.refresh_token,
      });
      expect(refused.status).toBe(503);
      await confirmsNothing(server, client, before.access_token);
      const listed = await get(`${server.url}/Session`, bearer(before.access_token));
      expect(listed.status).toBe(503);
      expect(listed.text).not.toMatch(/ECONN|mysql|postgres|127\.0\.0\.1|SELECT| at .*:\d/i);
      expect((await get(`${server.url}/health/ready`)).status).toBe(503);
      expect((await get(`${server.url}/health/live`)).status).toBe(200);
      line.mend();
      expect((await signing.present(NATIVE, assertion)).status).toBe(200);
      expect((await client.ask(NATIVE, READ_BOOK_1)).status).toBe(200);
      // A probe is trusted for a second.
      await expect
        .poll(async () => (await get(`${server.url}/health/ready`)).status, { timeout: 5000 })
        .toBe(200);
      expect(
        (await client.post(NATIVE, { grant_type: 'refresh_token', refresh_token: before.refresh_token }))
          .status,
      ).toBe(200);
      await vi.waitFor(() => expect(server.stderr()).toContain('database reachable again'), 5000);
      // Whatever failed meanwhile, the log has a line for the beginning and one for the end.
      expect(toldIn(server.stderr().slice(saidBefore))).toEqual([
        { level: 'warn', code: expect.any(String), msg: 'database unreachable' },
        { level: 'info', msg: 'database reachable again' },
      ]);
    } finally {
      await server.stop();
      line.close();
      await dropDatabase(databaseUrl);
    }
  });
}

function whileAnotherProcessHoldsIt(): void {
  it('answers 503 without a token or a confirmation, and recovers afterwards (E06, E07, R06, L07, RFC 9110 15.6.4, CVE-2020-15223)', async () => {
    const server = await startServer();
    try {
      await registerLibrary(server);
      const client = await aClient(server).register();
      const signing = await aSigningClient(server);
      const before = (await client.ask(NATIVE)).body;
      const unlock = lockDatabase(server);
      const written = admin(server).put('/Client/written-meanwhile', {});
      const [answers, revoked, closed] = await Promise.all([
        Promise.all(Array.from({ length: 10 }, () => client.ask(NATIVE))),
        Promise.all(
          REVOCATIONS.map((path) => form(server.url + path, { token: before.access_token }, client.basic)),
        ),
        request(`${server.url}/Session`, { method: 'DELETE', headers: bearer(before.access_token) }),
      ]);
      for (const answer of answers) {
        expect(answer.status).toBe(503);
        expect(answer.headers.get('retry-after')).toBe('1');
        expect(answer.body).toEqual(unavailable);
      }
      // C22: an assertion that could not be recorded is not taken, and may come again.
      const assertion = await signing.assertion(NATIVE);
      expect((await signing.present(NATIVE, assertion)).body).toEqual(unavailable);
      expect((await get(`${server.url}/Session`, bearer(before.access_token))).status).toBe(200);
      for (const answer of revoked) expect([answer.status, answer.body]).toEqual([503, unavailable]);
      expect(closed.status).toBe(503);
      expect((await written).status).toBe(503);
      unlock();
      for (const [path, members] of [
        ['/Resource/after', { operations: [{ name: 'read' }] }],
        ['/Client/after', {}],
      ] as const)
        expect((await admin(server).put(path, members)).status).toBe(201);
      expect((await signing.present(NATIVE, assertion)).status).toBe(200);
      expect((await get(`${server.url}/Session`, bearer(before.access_token))).status).toBe(200);
      expect((await client.ask(NATIVE)).status).toBe(200);
    } finally {
      await server.stop();
    }
  });
}

if (engine !== 'sqlite') describe('Without its database', { timeout: 120_000 }, withoutItsDatabase);
else describe('While another process holds the database', { timeout: 120_000 }, whileAnotherProcessHoldsIt);

import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mysql from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { admin } from '../support/admin.js';
import { aSigningClient } from '../support/assertions.js';
import { engine } from '../support/database.js';
import { NATIVE } from '../support/dialects.js';
import { Galera, hasGalera } from '../support/galera.js';
import { type Answer, bearer, form, get, request } from '../support/http.js';
import { launch } from '../support/launch.js';
import { registerLibrary } from '../support/library.js';
import { logged } from '../support/log-lines.js';
import { listOf } from '../support/pair.js';
import { aClient, type TestClient } from '../support/registration.js';
import { startServer, type TestServer } from '../support/server.js';
import { refusedInTime, servesAgain } from '../support/timed.js';

/** For measurements: how often each race is run. */
const ROUNDS = Number(process.env.LATCHKEY_GALERA_ROUNDS ?? 40);
const MAX_FAILOVER_MS = 2000;
/** Nodes give up one that vanished after five seconds, and commit nothing until then. */
const MAX_REGROUPING_MS = 15_000;

let galera: Galera;
let dataDir: string;
let servers: TestServer[] = [];
let client: TestClient;
let reader: TestClient;

const at = (server: TestServer, path: string, fields: Record<string, string>, who = client) =>
  form(server.url + path, fields, who.basic);

async function issueAt(server: TestServer): Promise<{ access_token: string; refresh_token: string }> {
  const { status, body } = await at(server, NATIVE.token, { grant_type: 'client_credentials' });
  expect(status).toBe(200);
  return body;
}

const isActiveAt = async (server: TestServer, token: string): Promise<boolean> =>
  (await at(server, '/auth/introspect', { token }, reader)).body.active;

const activeOnEach = (token: string): Promise<boolean[]> =>
  Promise.all(servers.map((server) => isActiveAt(server, token)));

/** Both ways in turn, and what must be the same each time. */
async function inRounds(round: (one: TestServer, other: TestServer) => Promise<unknown>, expected: unknown) {
  const outcomes: unknown[] = [];
  for (let count = 0; count < ROUNDS; count++) {
    const [one, other] = count % 2 ? servers : [...servers].reverse();
    outcomes.push(await round(one as TestServer, other as TestServer));
  }
  expect(outcomes).toEqual(new Array(ROUNDS).fill(expected));
}

describe('Processes on three nodes of a Galera cluster', {
  timeout: 120_000,
  skip: engine !== 'mysql' || !hasGalera,
}, () => {
  beforeAll(async () => {
    galera = await Galera.start(3);
    dataDir = mkdtempSync(join(tmpdir(), 'latchkey-galera-'));
  }, 240_000);
  afterAll(async () => {
    await Promise.all(servers.map((server) => server.stop()));
    await galera?.stop();
    if (dataDir) rmSync(dataDir, { recursive: true, force: true });
  });

  it('start together on an empty cluster (fault F2)', async () => {
    const env = {
      LATCHKEY_MASTER_KEY: randomBytes(32).toString('base64'),
      LATCHKEY_ADMIN_CLIENT_SECRET: randomBytes(24).toString('base64url'),
      LATCHKEY_PUBLIC_URL: 'https://latchkey.example',
    };
    const urls = await galera.createDatabase();
    // A node alone would migrate only itself.
    for (const node of urls.keys()) await galera.run(node, "SET GLOBAL wsrep_OSU_method = 'RSU'");
    servers = await Promise.all(urls.map((databaseUrl) => startServer({ databaseUrl, dataDir, env })));
    client = await aClient(servers[0] as TestServer)
      .withTokens({ refresh_token: true })
      .register();
    reader = await aClient(servers[1] as TestServer)
      .withGrant('Session:*:introspect')
      .register();
    const keys = await Promise.all(
      servers.map(async ({ url }) => (await request(`${url}/.well-known/jwks.json`)).text),
    );
    expect(keys).toEqual(new Array(3).fill(keys[0]));
  });

  it('accept a token from the moment it was issued (fault F3)', async () => {
    await inRounds(async (one, other) => isActiveAt(other, (await issueAt(one)).access_token), true);
  });

  it('revoke on another node a token issued just before, at once and for good (fault F3)', async () => {
    const revoked: string[] = [];
    await inRounds(
      async (one, other) => {
        const { access_token: token } = await issueAt(one);
        const { status } = await at(other, '/auth/revoke', { token });
        revoked.push(token);
        return [status, ...(await activeOnEach(token))];
      },
      [200, false, false, false],
    );
    for (const token of revoked) expect(await activeOnEach(token)).toEqual([false, false, false]);
  });

  it('close on another node a session opened just before (fault F3)', async () => {
    await inRounds(
      async (one, other) => {
        const { access_token: token } = await issueAt(one);
        const { status } = await request(`${other.url}/Session`, {
          method: 'DELETE',
          headers: bearer(token),
        });
        return [status, await isActiveAt(one, token)];
      },
      [204, false],
    );
  });

  it('exchange a refresh token of another node, once in total (fault F3)', async () => {
    await inRounds(
      async (one, other) => {
        const { refresh_token } = await issueAt(one);
        const refresh = (server: TestServer) =>
          at(server, NATIVE.token, { grant_type: 'refresh_token', refresh_token });
        const answers = await Promise.all([refresh(one), refresh(other)]);
        return answers.map(({ status }) => status).sort();
      },
      [200, 400],
    );
  });

  it('accept an assertion once in total (fault F3)', async () => {
    const [first] = servers as [TestServer, TestServer];
    await registerLibrary(first);
    const signing = await aSigningClient(first);
    await inRounds(
      async (one, other) => {
        const assertion = await signing.assertion(NATIVE);
        const present = (server: TestServer) =>
          form(server.url + NATIVE.token, {
            grant_type: 'client_credentials',
            client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
            client_assertion: assertion,
          });
        const answers = await Promise.all([present(one), present(other)]);
        return answers.map(({ status }) => status).sort();
      },
      [200, 401],
    );
  });

  it('accept every write of concurrent administrators (fault F3)', async () => {
    const puts = Array.from({ length: 20 }, (_, number) =>
      admin(servers[number % 3] as TestServer).put(`/Client/all-${number}`, {}),
    );
    expect((await Promise.all(puts)).map(({ status }) => status)).toEqual(new Array(20).fill(201));
  });

  it('answer 503 within three seconds while a node lags, and recover once it has caught up (faults D3, F3)', async () => {
    const [first, , third] = servers as [TestServer, TestServer, TestServer];
    const lagging = await mysql.createConnection({ uri: galera.urls[2] as string });
    try {
      await lagging.query('FLUSH TABLES WITH READ LOCK');
      const { access_token: token } = await issueAt(first);
      const kinds: [string, () => Promise<Answer>][] = [
        ['introspection', () => at(third, '/auth/introspect', { token }, reader)],
        ['verify', () => get(`${third.url}/auth/verify?audience=none`, bearer(token))],
        ['read', () => admin(third).get(`/Client/${client.id}`)],
        ['list', () => admin(third).get('/Session?_count=1')],
        ['write', () => admin(third).put('/Client/lagging', {})],
        ['token', () => at(third, NATIVE.token, { grant_type: 'client_credentials' })],
      ];
      for (const [kind, ask] of kinds) await refusedInTime(kind, ask());
      await Promise.all(kinds.map(([kind, ask]) => refusedInTime(`${kind} beside others`, ask())));
      expect(await isActiveAt(first, token)).toBe(true);
      await lagging.query('UNLOCK TABLES');
      await servesAgain(() => at(third, '/auth/introspect', { token }, reader));
      expect(await isActiveAt(third, token)).toBe(true);
    } finally {
      await lagging.end();
    }
  });

  it('continue one audit chain (fault F3)', async () => {
    const checks = await Promise.all(
      servers.map(async ({ env }) => {
        const check = launch(env, 'audit-check.js');
        return [await check.exited, check.stderr()];
      }),
    );
    expect(checks).toEqual(new Array(3).fill([{ code: 0, signal: null }, '']));
  });

  it('are used by one process in turn, as nodes lag, are cut off and die (faults F3, F9)', async () => {
    const { PORT: _, DATABASE_URL: __, ...env } = servers[0]?.env ?? {};
    const server = await startServer({ databaseUrl: `${listOf(...galera.urls)}/latchkey`, dataDir, env });
    const hosts = galera.urls.map((url) => new URL(url).host);
    const nodeUsed = () =>
      ['database connected', 'database host changed']
        .flatMap((message) => logged(server.stderr(), message))
        .map(({ host }) => hosts.indexOf(String(host)))
        .at(-1) as number;
    const movesFrom = async (node: number, timeout = MAX_FAILOVER_MS) => {
      await expect.poll(nodeUsed, { timeout }).not.toBe(node);
      return servesAgain(() => at(server, NATIVE.token, { grant_type: 'client_credentials' }));
    };
    try {
      const { access_token: token } = await issueAt(server);
      const lagging = nodeUsed();
      await galera.run(lagging, 'SET GLOBAL wsrep_desync = ON');
      expect(await movesFrom(lagging)).toBeLessThan(MAX_FAILOVER_MS);
      await galera.run(lagging, 'SET GLOBAL wsrep_desync = OFF');

      const cutOff = nodeUsed();
      await galera.isolate(cutOff, true);
      expect(await movesFrom(cutOff, MAX_REGROUPING_MS)).toBeLessThan(MAX_FAILOVER_MS);
      expect((await at(server, '/auth/revoke', { token })).status).toBe(200);
      await galera.isolate(cutOff, false);
      await galera.untilSynced(cutOff);

      const dead = nodeUsed();
      galera.killNode(dead);
      expect(await movesFrom(dead)).toBeLessThan(MAX_REGROUPING_MS);
      expect(await isActiveAt(server, token)).toBe(false);
      expect(server.stderr()).not.toContain('"level":"error"');
    } finally {
      await server.stop();
    }
  });
});

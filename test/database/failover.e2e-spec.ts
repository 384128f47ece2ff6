import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { admin } from '../support/admin.js';
import { NATIVE } from '../support/dialects.js';
import { form, get } from '../support/http.js';
import { launch } from '../support/launch.js';
import { READ_BOOK_1, registerLibrary } from '../support/library.js';
import { logged as loggedIn } from '../support/log-lines.js';
import { listOf, type Pair, startPair } from '../support/pair.js';
import type { PostgresPair } from '../support/postgres-pair.js';
import { aClient, type TestClient } from '../support/registration.js';
import { hasScratchServer } from '../support/scratch-database.js';
import { engine, startServer, type TestServer } from '../support/server.js';
import { refusedInTime, refusedSoon, servesAgain } from '../support/timed.js';

/** From the moment that a host accepts writes. */
const MAX_FAILOVER_MS = 2000;

let pair: Pair;
let server: TestServer;
let client: TestClient;

const hostOf = (url: string): string => new URL(url).host;

const logged = (message: string) => loggedIn(server.stderr(), message);

const ask = () => client.ask(NATIVE, READ_BOOK_1);

const isActive = async (token: string): Promise<boolean> =>
  (await form(`${server.url}/auth/introspect`, { token }, client.basic)).body.active;

describe('A database on two hosts', {
  timeout: 60_000,
  skip: engine === 'sqlite' || !hasScratchServer,
}, () => {
  beforeAll(async () => {
    pair = await startPair();
  }, 60_000);
  afterAll(async () => {
    await server?.stop();
    await pair?.stop();
  });

  it('is used on the host that accepts writes, which the log names without the password (fault F9)', async () => {
    const [primary, standby] = pair.urls;
    server = await startServer({ databaseUrl: listOf(standby, primary) });
    await registerLibrary(server);
    client = await aClient(server).withGrant('book:1:read').register();
    expect((await ask()).status).toBe(200);
    const [connected] = logged('database connected');
    expect(connected).toMatchObject({
      host: hostOf(primary),
      version: expect.stringMatching(/^(PostgreSQL|MariaDB|MySQL) \d+\.\d/),
      role: 'primary',
    });
    expect(logged('database host set aside')).toEqual([
      expect.objectContaining({
        host: hostOf(standby),
        reason: engine === 'postgres' ? 'standby' : 'read-only',
      }),
    ]);
    expect(server.stderr()).not.toContain(new URL(primary).password);
  });

  it('is refused everywhere while no host accepts writes, and is used again within two seconds (fault F9)', async () => {
    const { access_token: token } = (await ask()).body;
    await pair.setReadOnly(true);
    await refusedSoon(() => form(`${server.url}/auth/introspect`, { token }, client.basic), 1500);
    await refusedInTime('token', ask());
    await refusedInTime('list', admin(server).get('/Session'));
    await pair.setReadOnly(false);
    expect(await servesAgain(ask)).toBeLessThan(MAX_FAILOVER_MS);
    expect(logged('database host set aside')).toContainEqual(
      expect.objectContaining({ host: hostOf(pair.urls[0]), reason: 'read-only' }),
    );
    expect(logged('database host changed')).toEqual([]);
    expect(await isActive(token)).toBe(true);
  });

  it('follows a failover within two seconds, with every confirmed token and revocation (fault F9)', async () => {
    const [primary, standby] = pair.urls;
    const kept = (await ask()).body.access_token;
    const revoked = (await ask()).body.access_token;
    const { status } = await form(`${server.url}/auth/revoke`, { token: revoked }, client.basic);
    expect(status).toBe(200);
    await pair.fail();
    await refusedSoon(ask);
    await pair.promote();
    expect(await servesAgain(ask)).toBeLessThan(MAX_FAILOVER_MS);
    expect([await isActive(kept), await isActive(revoked)]).toEqual([true, false]);
    expect(logged('database host changed')).toEqual([
      expect.objectContaining({ from: hostOf(primary), host: hostOf(standby), role: 'primary' }),
    ]);
    // Each pool, and a command beside the server.
    expect((await admin(server).put('/Client/after-failover', { name: 'After' })).status).toBe(201);
    expect((await admin(server).get('/Client?name=AFTER')).body.total).toBe(1);
    expect((await get(`${server.url}/health/ready`)).status).toBe(200);
    const check = launch(server.env, 'audit-check.js');
    expect([await check.exited, check.stderr()]).toEqual([{ code: 0, signal: null }, '']);
    expect(server.stderr()).not.toContain('"level":"error"');
    expect(server.stderr()).not.toContain(new URL(primary).password);
  });

  it('is not used on a former primary that comes back unchanged (fault F9)', {
    skip: engine !== 'postgres',
  }, async () => {
    (pair as PostgresPair).comeBack();
    const later = await startServer({ beside: server, databaseUrl: listOf(...pair.urls) });
    try {
      expect(loggedIn(later.stderr(), 'database connected')).toMatchObject([{ host: hostOf(pair.urls[1]) }]);
      expect(loggedIn(later.stderr(), 'database host set aside')).toMatchObject([
        { host: hostOf(pair.urls[0]), reason: 'outdated' },
      ]);
    } finally {
      await later.stop();
    }
  });
});

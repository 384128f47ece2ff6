import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { admin } from '../support/admin.js';
import { connectTo } from '../support/connection.js';
import { createDatabase, dropDatabase } from '../support/database.js';
import { DatabaseLine, type LineConnection } from '../support/database-line.js';
import { NATIVE } from '../support/dialects.js';
import { bearer, form, get } from '../support/http.js';
import { READ_BOOK_1, registerLibrary } from '../support/library.js';
import { aClient, type TestClient } from '../support/registration.js';
import { engine, startServer, type TestServer } from '../support/server.js';
import { MAX_ANSWER_MS, refusedInTime, refusedSoon, servesAgain, timed } from '../support/timed.js';

const ADMIN_WRITES = 20;
const IDLE_MS = 400;
/** Of the heartbeat, twice a second: COM_PING, or a query. */
const PING =
  engine === 'mysql' ? Buffer.from([1, 0, 0, 0, 14]) : Buffer.from('Q\0\0\0\x0dSELECT 1\0', 'latin1');
const LOCK_TABLE =
  engine === 'mysql'
    ? ['LOCK TABLES session WRITE']
    : ['START TRANSACTION', 'LOCK TABLE session IN ACCESS EXCLUSIVE MODE'];

/** In no transaction: one that is swallowed inside of one leaves its locks behind. */
const isIdle = ({ sent, lastAt }: LineConnection): boolean =>
  Date.now() - lastAt > IDLE_MS && sent.at(-1)?.equals(PING) !== true;

describe('While the database answers', { timeout: 90_000, skip: engine === 'sqlite' }, () => {
  let databaseUrl: string;
  let line: DatabaseLine;
  let server: TestServer;
  let client: TestClient;

  beforeAll(async () => {
    databaseUrl = await createDatabase();
    line = await DatabaseLine.open(databaseUrl);
    server = await startServer({
      databaseUrl: line.databaseUrl,
      env: { LATCHKEY_FAILURES_PER_MINUTE: '20' },
    });
    await registerLibrary(server);
    client = await aClient(server).withTokens({ refresh_token: true }).withGrant('book:1:read').register();
  });
  afterAll(async () => {
    await server?.stop();
    line?.close();
    if (databaseUrl) await dropDatabase(databaseUrl);
  });

  /** Another session of the database that goes away only at the end. */
  async function whileLocked(statements: string[], work: () => Promise<void>): Promise<void> {
    const connection = await connectTo(databaseUrl);
    try {
      for (const sql of statements) await connection.all(sql);
      await work();
    } finally {
      await connection.close();
    }
  }

  const ready = () => get(`${server.url}/health/ready`);

  it('answers within three seconds after idle connections were dropped silently, and serves the next request (fault D3)', async () => {
    const token = await client.token(NATIVE, READ_BOOK_1);
    const wrong = { grant_type: 'client_credentials', ...client.inBody, client_secret: 'not its secret' };
    const kinds: [string, () => ReturnType<typeof get>, number][] = [
      ['token', () => client.ask(NATIVE, READ_BOOK_1), 200],
      ['verify', () => get(`${server.url}/auth/verify?scope=book:1:read`, bearer(token)), 200],
      ['introspect', () => form(`${server.url}/auth/introspect`, { token }, client.basic), 200],
      ['wrong secret', () => form(server.url + NATIVE.token, wrong), 401],
      ['read', () => admin(server).get(`/Client/${client.id}`), 200],
      ['write', () => admin(server).patch(`/Client/${client.id}`, { name: 'n' }), 200],
      ['list', () => admin(server).get('/Session?_count=1'), 200],
    ];
    for (const [name, ask, good] of kinds) {
      // Pools that the kinds before did not use may still hold connections that were dropped then.
      await expect.poll(async () => (await ask()).status, { timeout: 10_000 }).toBe(good);
      await expect.poll(() => line.swallow(isIdle), { timeout: 5000 }).toBeGreaterThan(0);
      const answers = [await timed(ask()), await timed(ask()), await timed(ask())];
      for (const { status, milliseconds } of answers) {
        expect([good, 503]).toContain(status);
        expect([name, milliseconds < MAX_ANSWER_MS]).toEqual([name, true]);
      }
      // What one request has met shows that the other idle connections are no better.
      expect([name, answers.filter(({ status }) => status !== good).length <= 1]).toEqual([name, true]);
    }
    expect(server.stderr()).not.toContain('"level":"error"');
  });

  it('issues tokens while administrators wait for a locked row, and answers them within three seconds (faults F4, F12)', async () => {
    const locks = [
      'START TRANSACTION',
      'UPDATE configuration_revision SET clients = clients WHERE id = 1',
      'UPDATE audit_head SET turns = turns WHERE id = 1',
    ];
    await whileLocked(locks, async () => {
      const writes = Array.from({ length: ADMIN_WRITES }, (_, at) =>
        refusedInTime('write', admin(server).put(`/Client/waits-${at}`, {})),
      );
      let slowest = 0;
      for (let asked = 0; asked < 40; asked++) {
        const answer = await timed(client.ask(NATIVE, READ_BOOK_1));
        expect([answer.status, answer.text && server.stderr().slice(-1500)]).toEqual([
          200,
          expect.anything(),
        ]);
        slowest = Math.max(slowest, answer.milliseconds);
      }
      expect(slowest).toBeLessThan(1500);
      expect((await ready()).status).toBe(200);
      await Promise.all(writes);
    });
    expect((await admin(server).put('/Client/after-the-lock', {})).status).toBe(201);
  });

  it('serves other clients while the quota of one is locked, and rejects that one within three seconds (fault F12)', async () => {
    const quota = { per_hour: 1000, enforce: true };
    const held = await aClient(server).with({ token_quota: quota }).register();
    const free = await aClient(server).with({ token_quota: quota }).register();
    expect([(await held.ask(NATIVE)).status, (await free.ask(NATIVE)).status]).toEqual([200, 200]);
    await whileLocked(
      ['START TRANSACTION', `UPDATE token_quota_use SET day_used = day_used WHERE client_id = '${held.id}'`],
      async () => {
        const refused = Array.from({ length: 30 }, () => refusedInTime('held', held.ask(NATIVE)));
        for (let asked = 0; asked < 10; asked++) {
          const answers = await Promise.all([
            timed(free.ask(NATIVE)),
            timed(client.ask(NATIVE, READ_BOOK_1)),
          ]);
          for (const { status, milliseconds } of answers) {
            expect([status, milliseconds < 1500]).toEqual([200, true]);
          }
        }
        await Promise.all(refused);
      },
    );
    expect((await held.ask(NATIVE)).status).toBe(200);
  });

  it('is not ready and rejects token requests within three seconds while the session table is locked (faults F4, F13)', async () => {
    await whileLocked(LOCK_TABLE, async () => {
      const answers = await Promise.all([
        ...Array.from({ length: 20 }, () => refusedInTime('token', client.ask(NATIVE, READ_BOOK_1))),
        refusedSoon(ready),
      ]);
      expect(answers.at(-1)?.body).toEqual({ check: 'write', status: expect.any(String) });
    });
    expect(await servesAgain(ready, 5000)).toBeLessThan(4000);
    expect((await client.ask(NATIVE, READ_BOOK_1)).status).toBe(200);
  });

  it('answers at once, and is not ready, over a slow connection to the database (fault F4)', async () => {
    const token = await client.token(NATIVE, READ_BOOK_1);
    line.delayMs = 700;
    try {
      await refusedSoon(ready);
      for (let round = 0; round < 3; round++) {
        await Promise.all([
          refusedInTime('token', client.ask(NATIVE, READ_BOOK_1)),
          refusedInTime('revoke', form(`${server.url}/auth/revoke`, { token }, client.basic)),
          refusedInTime('write', admin(server).put('/Client/over-a-slow-line', {})),
          refusedInTime('ready', ready()),
        ]);
      }
    } finally {
      line.delayMs = 0;
    }
    await servesAgain(ready);
    expect(await servesAgain(() => client.ask(NATIVE, READ_BOOK_1))).toBeLessThan(4000);
  });
});

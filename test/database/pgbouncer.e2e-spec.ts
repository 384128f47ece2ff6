import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { admin } from '../support/admin.js';
import { connectTo } from '../support/connection.js';
import { createDatabase, dropDatabase } from '../support/database.js';
import { NATIVE } from '../support/dialects.js';
import { form, get } from '../support/http.js';
import { launch } from '../support/launch.js';
import { READ_BOOK_1, registerLibrary } from '../support/library.js';
import { hasPgbouncer, Pgbouncer } from '../support/pgbouncer.js';
import { aClient } from '../support/registration.js';
import { engine, startServer, type TestServer } from '../support/server.js';

/** Fewer than the connections of one server, so that each session is given to many of them. */
const SESSIONS = 6;
const TOKENS = 60;

describe('Through PgBouncer in transaction mode', {
  timeout: 90_000,
  skip: engine !== 'postgres' || !hasPgbouncer,
}, () => {
  let databaseUrl: string;
  let pgbouncer: Pgbouncer;
  let servers: TestServer[] = [];

  beforeAll(async () => {
    databaseUrl = await createDatabase();
    pgbouncer = await Pgbouncer.start(databaseUrl, SESSIONS);
    const env = {
      LATCHKEY_MASTER_KEY: randomBytes(32).toString('base64'),
      LATCHKEY_ADMIN_CLIENT_SECRET: randomBytes(24).toString('base64url'),
      LATCHKEY_FAILURES_PER_MINUTE: '20',
    };
    const options = { databaseUrl: pgbouncer.databaseUrl, env };
    // On an empty database, all at once.
    servers = await Promise.all([startServer(options), startServer(options), startServer(options)]);
    await registerLibrary(servers[0] as TestServer);
  }, 120_000);
  afterAll(async () => {
    await Promise.all(servers.map((server) => server.stop()));
    pgbouncer?.stop();
    if (databaseUrl) await dropDatabase(databaseUrl);
  });

  it('keeps what one process answers on every other one (R06, RFC 7009 2.2.1)', async () => {
    const [first, second, third] = servers as [TestServer, TestServer, TestServer];
    const client = await aClient(first)
      .withTokens({ refresh_token: true })
      .withGrant('book:1:read')
      .register();
    const tokens = await Promise.all(Array.from({ length: TOKENS }, () => client.token(NATIVE, READ_BOOK_1)));
    const revoked = await Promise.all(
      tokens.map((token) => form(`${second.url}/auth/revoke`, { token }, client.basic)),
    );
    expect(new Set(revoked.map(({ status }) => status))).toEqual(new Set([200]));
    const active = await Promise.all(
      tokens.map(
        async (token) => (await form(`${third.url}/auth/introspect`, { token }, client.basic)).body.active,
      ),
    );
    expect(active).toEqual(tokens.map(() => false));
    const refresh = { grant_type: 'refresh_token' };
    const { refresh_token } = (await client.ask(NATIVE, READ_BOOK_1)).body;
    const exchanged = await Promise.all(
      servers.map((server) => form(`${server.url}/auth/token`, { ...refresh, refresh_token }, client.basic)),
    );
    expect(exchanged.map(({ status }) => status).sort()).toEqual([200, 400, 400]);
  });

  it('serves the administration and its searches, and verifies the audit chain', async () => {
    const [first, second] = servers as [TestServer, TestServer];
    const wrong = { grant_type: 'client_credentials', client_id: 'root', client_secret: 'not its secret' };
    expect((await form(`${first.url}/auth/token`, wrong)).status).toBe(401);
    const writes = Array.from({ length: 12 }, (_, at) =>
      admin(at % 2 ? first : second).put(`/Client/pooled-${at}`, { name: `Pooled ${at}` }),
    );
    expect((await Promise.all(writes)).map(({ status }) => status)).toEqual(new Array(12).fill(201));
    const found = await admin(second).get('/Client?name=POOLED&_sort=-name&_count=5');
    expect([found.status, found.body.total, found.body.entry.length]).toEqual([200, 12, 5]);
    expect((await get(`${first.url}/health/ready`)).status).toBe(200);
    const check = launch(first.env, 'audit-check.js');
    expect([await check.exited, check.stderr()]).toEqual([{ code: 0, signal: null }, '']);
  });

  it('leaves no setting and no statement behind in a session', async () => {
    const connection = await connectTo(databaseUrl);
    try {
      const [row] = await connection.all(
        "SELECT COUNT(*) AS open FROM pg_stat_activity WHERE datname = CURRENT_DATABASE() AND state LIKE 'idle in%'",
      );
      expect(Number(row?.open)).toBe(0);
    } finally {
      await connection.close();
    }
    const pooled = await connectTo(pgbouncer.databaseUrl);
    try {
      for (let asked = 0; asked < 2 * SESSIONS; asked++) {
        const [left] = await pooled.all(
          `SELECT (SELECT COUNT(*) FROM pg_prepared_statements) AS prepared,
            CURRENT_SETTING('lock_timeout') AS waits, CURRENT_SETTING('statement_timeout') AS runs`,
        );
        expect(left).toEqual({ prepared: 0, waits: '0', runs: '0' });
      }
    } finally {
      await pooled.close();
    }
    for (const server of servers) expect(server.stderr()).not.toContain('"level":"error"');
  });
});

import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { admin } from '../support/admin.js';
import { type Connection, connectTo } from '../support/connection.js';
import { engine, onServer } from '../support/database.js';
import { NATIVE } from '../support/dialects.js';
import { bearer, form, get } from '../support/http.js';
import { READ_BOOK_1, registerLibrary } from '../support/library.js';
import { aClient, type TestClient } from '../support/registration.js';
import { hasScratchServer, ScratchDatabase } from '../support/scratch-database.js';
import { startServer, type TestServer } from '../support/server.js';
import { refusedInTime, servesAgain } from '../support/timed.js';

const AT_ONCE_MS = 1500;
const MAX_RECOVERY_MS = 3000;

/** What makes every commit wait while the database answers everything else, and what ends that. */
const STALL = {
  mysql: [['FLUSH TABLES WITH READ LOCK'], ['UNLOCK TABLES']],
  postgres: [
    ["ALTER SYSTEM SET synchronous_standby_names = 'absent'", 'SELECT pg_reload_conf()'],
    ['ALTER SYSTEM RESET synchronous_standby_names', 'SELECT pg_reload_conf()'],
  ],
  sqlite: [[], []],
}[engine] as [string[], string[]];

describe('A database whose commits stall', { timeout: 60_000, skip: !onServer || !hasScratchServer }, () => {
  let database: ScratchDatabase;
  let holder: Connection;
  let server: TestServer;
  let client: TestClient;
  let reader: TestClient;

  beforeAll(async () => {
    database = await ScratchDatabase.start();
    const databaseUrl = await database.createDatabase();
    holder = await connectTo(databaseUrl);
    server = await startServer({ databaseUrl });
    await registerLibrary(server);
    client = await aClient(server).withGrant('book:1:read').register();
    reader = await aClient(server).withGrant('Session:*:introspect').register();
  });
  afterAll(async () => {
    await server?.stop();
    await holder?.close();
    await database?.stop();
  });

  const run = async (statements: readonly string[]) => {
    for (const sql of statements) await holder.all(sql);
  };
  const ask = () => client.ask(NATIVE, READ_BOOK_1);

  it('delays the first writes, then rejects them at once, serves reads, and recovers as soon as it commits', async () => {
    const token = await client.token(NATIVE, READ_BOOK_1);
    await run(STALL[0]);
    await Promise.all([
      refusedInTime('token', ask()),
      refusedInTime('revoke', form(`${server.url}/auth/revoke`, { token }, client.basic)),
      refusedInTime('change', admin(server).patch('/Resource/book', { name: 'Books' })),
    ]);
    for (let count = 0; count < 20; count++) {
      for (const asked of [ask(), admin(server).patch('/Resource/book', { name: `Books ${count}` })]) {
        expect((await refusedInTime('second', asked)).milliseconds).toBeLessThan(AT_ONCE_MS);
      }
      await sleep(100);
    }
    const { status, body } = await get(`${server.url}/health/ready`);
    const named = { check: 'write', status: 'the database does not complete writes; its disk may be full' };
    expect([status, body]).toEqual([503, named]);
    const introspected = await form(`${server.url}/auth/introspect`, { token }, reader.basic);
    expect(introspected.status).toBe(200);
    expect((await get(`${server.url}/auth/verify?scope=book:1:read`, bearer(token))).status).not.toBe(503);
    await run(STALL[1]);
    expect(await servesAgain(ask)).toBeLessThan(MAX_RECOVERY_MS);
    expect(await servesAgain(() => get(`${server.url}/health/ready`))).toBeLessThan(MAX_RECOVERY_MS);
  });
});

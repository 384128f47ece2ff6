import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { admin } from '../support/admin.js';
import { NATIVE } from '../support/dialects.js';
import { HOSTILE_CREATION, HOSTILE_DEFAULTS } from '../support/hostile-defaults.js';
import { form } from '../support/http.js';
import { READ_BOOK_1, registerLibrary } from '../support/library.js';
import { aClient } from '../support/registration.js';
import { hasScratchServer, ScratchDatabase } from '../support/scratch-database.js';
import { startServer, type TestServer } from '../support/server.js';

/** Each ends a string, or is lost, where the server's defaults decide about it. */
const NAMES = [`O'Brien \\`, `\\' OR 1 = 1 -- `, '"quoted"', '😀'.repeat(255), '漢ä ', 'a || b'];

describe('A database server with hostile defaults', {
  timeout: 60_000,
  skip: !hasScratchServer,
}, () => {
  let database: ScratchDatabase;
  let server: TestServer;

  beforeAll(async () => {
    database = await ScratchDatabase.start(HOSTILE_DEFAULTS);
    server = await startServer({ databaseUrl: await database.createDatabase(HOSTILE_CREATION) });
    await registerLibrary(server);
  }, 120_000);
  afterAll(async () => {
    await server?.stop();
    await database?.stop();
  });

  it('returns every name as written (fault D5)', async () => {
    for (const [at, name] of NAMES.entries()) {
      expect([name, (await admin(server).put(`/Client/named-${at}`, { name })).status]).toEqual([name, 201]);
      expect((await admin(server).get(`/Client/named-${at}`)).body.name).toBe(name);
    }
    await server.restart();
    for (const [at, name] of NAMES.entries())
      expect((await admin(server).get(`/Client/named-${at}`)).body.name).toBe(name);
  });

  it('keeps an active and a revoked token as answered across a restart (fault D5)', async () => {
    const client = await aClient(server)
      .withTokens({ refresh_token: true })
      .withGrant('book:1:read')
      .register();
    const [kept, revoked] = [
      await client.token(NATIVE, READ_BOOK_1),
      await client.token(NATIVE, READ_BOOK_1),
    ];
    expect((await form(`${server.url}/auth/revoke`, { token: revoked }, client.basic)).status).toBe(200);
    await server.restart();
    const isActive = async (token: string) =>
      (await form(`${server.url}/auth/introspect`, { token }, client.basic)).body.active;
    expect([await isActive(kept), await isActive(revoked)]).toEqual([true, false]);
  });
});

import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { checkChain, events } from '../admin/audit.js';
import { admin } from '../support/admin.js';
import { aSigningClient, INVALID_CLIENT, nowSeconds } from '../support/assertions.js';
import { dumpOfCopy, runCommand } from '../support/backup.js';
import { engine } from '../support/database.js';
import { NATIVE } from '../support/dialects.js';
import { basic, bearer, form, get } from '../support/http.js';
import { aClient, type TestClient } from '../support/registration.js';
import { copied, expectDone, expectRefused, useRestoring } from './restoring.js';

describe('npm run restore', { timeout: 240_000 }, () => {
  const restoring = useRestoring();

  it('copies every column exactly into an empty database, and continues the audit chain (fault E8)', async () => {
    const on = restoring.it;
    const { server, client, jwtClient } = on;
    for (const one of [client, jwtClient]) await one.token(NATIVE);
    await server.kill();
    const file = await on.backup('exact');
    const target = await on.emptyServer();
    const report = expectDone(await runCommand('restore', target, [file]));
    expect(await copied(target)).toEqual(await copied(server));
    expect(report).toMatch(/^The backup of \S+Z was restored\.$/m);
    expect(report).toMatch(/^Rows: .*\bclient 3\b.*\bsession 2\b/m);
    expect(report).toMatch(/^2 active sessions were closed\./m);
    expect(report).toMatch(/offline accept those known here until \S+Z/);
    await target.start();
    const { code, said } = await checkChain(target);
    expect([code, said]).toEqual([0, expect.stringContaining('events verified')]);
    expect(await events(target, 'action=backup.restore')).toMatchObject([
      { outcome: 'success', detail: { closed_sessions: 2, backup_date: expect.any(String) } },
    ]);
    await target.kill();
    await server.restart();
  });

  it('accepts no token of before it, whatever was closed after the backup (fault E8)', async () => {
    const on = restoring.it;
    const { server, client, jwtClient } = on;
    const revoked = await client.ask(NATIVE);
    const kept = await client.ask(NATIVE);
    const jwt = await jwtClient.token(NATIVE, { scope: 'book:1:read' });
    const root = await form(
      `${server.url}/auth/token`,
      { grant_type: 'client_credentials' },
      basic('root', server.adminSecret),
    );
    expect((await get(`${server.url}/Client`, bearer(root.body.access_token))).status).toBe(200);
    const file = await on.backup('closing');
    const revocation = { token: revoked.body.refresh_token };
    expect((await form(`${server.url}/auth/revoke`, revocation, client.basic)).status).toBe(200);
    const later = await client.token(NATIVE);
    const target = await on.emptyServer();
    expectDone(await runCommand('restore', target, [file]));
    await on.instead(target, async () => {
      for (const token of [revoked.body.access_token, kept.body.access_token, later, jwt]) {
        const { body } = await form(`${target.url}/auth/introspect`, { token }, clientOf(token).basic);
        expect(body).toEqual({ active: false });
      }
      expect((await get(`${target.url}/auth/verify?scope=book:1:read`, bearer(jwt))).status).toBe(401);
      expect((await get(`${target.url}/Client`, bearer(root.body.access_token))).status).toBe(401);
      for (const { refresh_token } of [revoked.body, kept.body]) {
        const { body } = await client.post(NATIVE, { grant_type: 'refresh_token', refresh_token });
        expect(body.error).toBe('invalid_grant');
      }
      const token = await client.token(NATIVE);
      const { body } = await form(`${target.url}/auth/introspect`, { token }, client.basic);
      expect(body.active).toBe(true);
    });
    function clientOf(token: string): TestClient {
      return token === jwt ? jwtClient : client;
    }
  });

  it('rejects assertions that may have been used before it (fault E8, RFC 7523 3)', async () => {
    const on = restoring.it;
    const { server } = on;
    const signing = await aSigningClient(server);
    const file = await on.backup('assertions');
    const used = await signing.assertion(NATIVE);
    const withoutIat = await signing.assertion(NATIVE, { iat: undefined });
    for (const assertion of [used, withoutIat]) {
      expect((await signing.present(NATIVE, assertion)).status).toBe(200);
    }
    const target = await on.emptyServer();
    expectDone(await runCommand('restore', target, [file]));
    await on.instead(target, async () => {
      for (const assertion of [used, withoutIat]) {
        expect((await signing.present(NATIVE, assertion)).body).toEqual(INVALID_CLIENT);
      }
      await sleep(2000);
      // No server can have accepted these before now.
      const ahead = nowSeconds() + 29;
      expect((await signing.ask(NATIVE, { iat: ahead, exp: ahead + 60 })).status).toBe(200);
      expect((await signing.ask(NATIVE, { iat: undefined, exp: nowSeconds() + 3629 })).status).toBe(200);
    });
  });

  it('refuses a database with rows unless it may replace them, and lists what is lost (fault E8)', async () => {
    const on = restoring.it;
    const { server, client } = on;
    const file = await on.backup('replacing');
    const secret = client.secret;
    const { body } = await admin(server).post(`/Client/${client.id}/$rotate-secret`, { overlap: 0 });
    await aClient(server, 'later').register();
    await client.ask(NATIVE);
    await server.kill();
    const before = await dumpOfCopy(server);
    expectRefused(await runCommand('restore', server, [file]), /the database is not empty: --replace/);
    expect(await dumpOfCopy(server)).toEqual(before);
    const report = expectDone(await runCommand('restore', server, [file, '--replace']));
    expect(report).toMatch(
      /from after the backup: 2 clients, resources and policies, \d+ sessions, \d+ audit events/,
    );
    expect(report).toMatch(
      new RegExp(`^Undone: .*client.rotate-secret ${client.id}.*client.create later`, 'm'),
    );
    await server.restart();
    expect((await admin(server).get('/Client/later')).status).toBe(404);
    expect((await client.ask(NATIVE)).status).toBe(200);
    expect(client.secret).toBe(secret);
    expect(
      (
        await form(
          `${server.url}/auth/token`,
          { grant_type: 'client_credentials' },
          basic(client.id, body.secret),
        )
      ).status,
    ).toBe(401);
    expect((await checkChain(server)).code).toBe(0);
  });

  it.skipIf(engine === 'sqlite')('moves everything to another engine and back (fault E8)', async () => {
    const on = restoring.it;
    const { server, client } = on;
    await server.kill();
    const first = await on.backup('mysql');
    const sqlite = await on.emptyServer('sqlite');
    expectDone(await runCommand('restore', sqlite, [first]));
    expect(await copied(sqlite)).toEqual(await copied(server));
    await sqlite.start();
    expect((await client.ask(NATIVE)).status).toBe(200);
    expect((await admin(sqlite).get(`/Client/${client.id}`)).body.name).toContain('🔑');
    await sqlite.kill();
    const second = await on.backup('sqlite', sqlite);
    const back = await on.emptyServer(engine);
    expectDone(await runCommand('restore', back, [second]));
    expect(await copied(back)).toEqual(await copied(sqlite));
    await back.start();
    expect((await client.ask(NATIVE)).status).toBe(200);
    expect((await checkChain(back)).code).toBe(0);
    await back.kill();
    await server.restart();
  });
});

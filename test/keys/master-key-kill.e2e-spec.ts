import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NATIVE } from '../support/dialects.js';
import { READ_BOOK_1, registerLibrary } from '../support/library.js';
import { newMasterKey, rotateMasterKey, sealingKeys, startRotation } from '../support/master-key.js';
import { aClient, type TestClient } from '../support/registration.js';
import { openRows } from '../support/rows.js';
import { startServer, type TestServer } from '../support/server.js';

const ROUNDS = 8;

describe('SIGKILL of a rotation of the master key', { timeout: 120_000 }, () => {
  const [older, newer] = [newMasterKey(), newMasterKey()];
  const both = { LATCHKEY_MASTER_KEY: `${newer},${older}` };
  let server: TestServer;
  let asker: TestClient;

  beforeAll(async () => {
    server = await startServer({ env: { LATCHKEY_MASTER_KEY: older } });
    await registerLibrary(server);
    for (const signing_alg of ['RS256', 'ES256', 'EdDSA']) {
      asker = await aClient(server)
        .withTokens({ token_format: 'jwt', signing_alg })
        .withGrant('book:*:read')
        .register();
    }
  });
  afterAll(async () => {
    await server?.stop();
  });

  it('in the middle of its transaction changes nothing', async () => {
    const before = await sealingKeys(server);
    const rows = await openRows(server);
    try {
      // On MySQL the peppers are sealed anew by then, and the signing keys are held; SQLite holds the whole database.
      await rows.all(server.databaseUrl ? 'START TRANSACTION' : 'BEGIN IMMEDIATE');
      if (server.databaseUrl) await rows.all('SELECT kid FROM signing_key FOR UPDATE');
      const { child, exited } = startRotation(server, both);
      await sleep(2000);
      expect(child.exitCode).toBeNull();
      child.kill('SIGKILL');
      await exited;
      await rows.all('ROLLBACK');
    } finally {
      await rows.close();
    }
    expect(await sealingKeys(server)).toEqual(before);
    await server.restart();
    expect((await asker.ask(NATIVE, READ_BOOK_1)).status).toBe(200);
  });

  it('at any moment leaves all of it under one key, and the next run makes an end of it', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const { child, exited } = startRotation(server, both);
      await sleep(150 + Math.random() * 350);
      child.kill('SIGKILL');
      await exited;
      expect(await sealingKeys(server)).toHaveLength(1);
    }
    expect((await rotateMasterKey(server, both)).exit.code).toBe(0);
    await server.restart({ LATCHKEY_MASTER_KEY: newer });
    expect((await asker.ask(NATIVE, READ_BOOK_1)).status).toBe(200);
  });
});

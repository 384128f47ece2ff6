import { describe, expect, it } from 'vitest';
import { admin } from '../support/admin.js';
import { NATIVE } from '../support/dialects.js';
import { basic, bearer, form, get } from '../support/http.js';
import { newMasterKey } from '../support/master-key.js';
import { aClient } from '../support/registration.js';
import { openRows } from '../support/rows.js';
import { ServerDidNotStart, startServer } from '../support/server.js';

/** What docs/operations.md says to empty. */
const SEALED = ['signing_key', 'audit_key', 'pepper', 'client_secret', 'session'];

describe('A master key that is lost', { timeout: 60_000 }, () => {
  it('costs keys, secrets and sessions, and no configuration (fault E8)', async () => {
    const server = await startServer();
    try {
      const client = await aClient(server).withEverything().register();
      const old = await client.token(NATIVE);
      await server.kill();
      const changes = { LATCHKEY_MASTER_KEY: newMasterKey() };
      await expect(server.restart(changes)).rejects.toThrow(ServerDidNotStart);
      const rows = await openRows(server);
      for (const table of SEALED) await rows.all(`DELETE FROM ${table}`);
      await rows.close();
      await server.restart(changes);
      const rotated = await admin(server).post(`/Client/${client.id}/$rotate-secret`);
      expect(rotated.status, rotated.text).toBe(200);
      const again = basic(client.id, rotated.body.secret);
      expect(
        (await form(server.url + NATIVE.token, { grant_type: 'client_credentials' }, again)).status,
      ).toBe(200);
      expect((await get(`${server.url}/auth/verify?audience=x`, bearer(old))).status).toBe(401);
    } finally {
      await server.stop();
    }
  });
});

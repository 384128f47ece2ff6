import { describe, expect, it } from 'vitest';
import { admin } from '../support/admin.js';
import { connectTo } from '../support/connection.js';
import { NATIVE } from '../support/dialects.js';
import { form } from '../support/http.js';
import { useLibrary } from '../support/library.js';
import { aClient, type TestClient } from '../support/registration.js';
import { engine } from '../support/server.js';

const TOKENS = 24;
const LOCKED = 7;
/** Who waits in vain for a lock, waits longer. */
const MIN_WAIT_MS = 1900;

const library = useLibrary();

const tokensOf = (client: TestClient, many = TOKENS): Promise<string[]> =>
  Promise.all(Array.from({ length: many }, () => client.token(NATIVE)));

const ask = (path: string, client: TestClient, token: string) =>
  form(library.server.url + path, { token }, client.basic);

const revokeAll = (client: TestClient, tokens: readonly string[]): Promise<number[]> =>
  Promise.all(tokens.map(async (token) => (await ask('/auth/revoke', client, token)).status));

const isActive = async (client: TestClient, token: string): Promise<boolean> =>
  (await ask('/auth/introspect', client, token)).body.active;

/** Runs `work` while another connection locks these sessions. */
async function whileLocked(condition: string, value: string, work: () => Promise<void>): Promise<void> {
  const connection = await connectTo(library.server.databaseUrl as string);
  try {
    await connection.all('START TRANSACTION');
    await connection.all(`SELECT id FROM session WHERE ${condition} FOR UPDATE`, [value]);
    await work();
  } finally {
    await connection.close();
  }
}

async function whileHeld(client: TestClient, token: string, work: () => Promise<void>): Promise<void> {
  const { jti } = (await ask('/auth/introspect', client, token)).body;
  await whileLocked('id = ?', jti, work);
}

/** SQLite locks no rows. */
describe.runIf(engine !== 'sqlite')('A session that another transaction has locked', () => {
  it('delays no revocation but that of the locked row (E07, R06, RFC 7009 2.2.1)', async () => {
    const client = await aClient(library.server).register();
    const tokens = await tokensOf(client);
    await whileHeld(client, tokens[LOCKED] as string, async () => {
      const expected = tokens.map((_token, at) => (at === LOCKED ? 503 : 200));
      expect(await revokeAll(client, tokens)).toEqual(expected);
      const active = await Promise.all(tokens.map((token) => isActive(client, token)));
      expect(active).toEqual(tokens.map((_token, at) => at === LOCKED));
    });
    expect(await revokeAll(client, [tokens[LOCKED] as string])).toEqual([200]);
    expect(library.server.stderr()).not.toContain('"level":"error"');
  });

  it('delays no revocation of others, in a small table as well (E07, R06, ASVS 13.1.2)', async () => {
    const client = await aClient(library.server).register();
    const [held = '', ...others] = await tokensOf(client);
    await whileHeld(client, held, async () => {
      const began = performance.now();
      expect(new Set(await revokeAll(client, others))).toEqual(new Set([200]));
      expect(performance.now() - began).toBeLessThan(MIN_WAIT_MS);
    });
  });

  it('delays no removal of ended sessions (L08, ASVS 14.2.7)', { timeout: 60_000 }, async () => {
    const { server } = library;
    const lasting = await aClient(server).register();
    const brief = await aClient(server).withTokens({ access_token_expiration: 1 }).register();
    const [held = ''] = await tokensOf(lasting, 3 * TOKENS);
    await whileHeld(lasting, held, async () => {
      await tokensOf(brief, 2 * TOKENS);
      const left = async () => (await admin(server).get(`/Session?client=${brief.id}`)).body.total;
      await expect.poll(left, { timeout: 20_000 }).toBe(0);
    });
    expect(server.stderr()).not.toContain('session cleanup failed');
  });

  it('waits for a table lock a few times, not once per row, without an error (E07, L07, ASVS 13.1.2)', async () => {
    const client = await aClient(library.server).register();
    const tokens = await tokensOf(client);
    const began = performance.now();
    await whileLocked('client_id = ?', client.id, async () => {
      expect(new Set(await revokeAll(client, tokens))).toEqual(new Set([503]));
    });
    expect(performance.now() - began).toBeLessThan(20_000);
    expect(new Set(await revokeAll(client, tokens))).toEqual(new Set([200]));
    expect(library.server.stderr()).not.toContain('"level":"error"');
  });
});

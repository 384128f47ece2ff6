import { setTimeout as sleep } from 'node:timers/promises';
import { decodeProtectedHeader } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { admin } from '../../support/admin.js';
import { NATIVE } from '../../support/dialects.js';
import { form, get } from '../../support/http.js';
import { aClient, type TestClient } from '../../support/registration.js';
import { startServer, type TestServer } from '../../support/server.js';
import { runSql } from '../../support/sql.js';

const DAY = 24 * 3600 * 1000;

let server: TestServer;
/** Runs all the time, so that what it remembers becomes old. */
let beside: TestServer;
let client: TestClient;
let token: string;

beforeAll(async () => {
  server = await startServer();
  beside = await startServer({ beside: server });
  client = await aClient(server).withTokens({ token_format: 'jwt', signing_alg: 'ES256' }).register();
  token = await client.token(NATIVE);
  await tokenAt(beside, client);
});
afterAll(async () => {
  await beside.stop();
  await server.stop();
});

const tokenAt = ({ url }: TestServer, { basic }: TestClient): Promise<string> =>
  eventually(async () => {
    const { body } = await form(`${url}/auth/token`, { grant_type: 'client_credentials' }, basic);
    return body.access_token as string | undefined;
  });

interface Key {
  id: string;
  alg: string;
  state: string;
}

const keys = async (): Promise<Key[]> =>
  (await admin(server).get('/SigningKey')).body.entry.map(({ resource }: { resource: Key }) => resource);

const withState = async (alg: string, state: string): Promise<Key | undefined> =>
  (await keys()).find((key) => key.alg === alg && key.state === state);

async function eventually<T>(look: () => Promise<T | undefined | false>): Promise<T> {
  for (const limit = Date.now() + 20_000; ; await sleep(250)) {
    const found = await look();
    if (found) return found;
    if (Date.now() > limit) throw new Error('it did not happen');
  }
}

/** As if the server had been restarted more often than every hour for all this time. */
async function passes(column: 'signs_from' | 'retired_at', days: number, kid = '%'): Promise<void> {
  await runSql(
    server,
    `UPDATE signing_key SET ${column} = ${column} - ${days * DAY} WHERE kid LIKE '${kid}'`,
  );
  await server.restart();
}

const published = async (): Promise<string[]> =>
  (await get(`${server.url}/.well-known/jwks.json`)).body.keys.map(({ alg }: { alg: string }) => alg);

const verified = async (): Promise<string[]> =>
  (await get(`${server.url}/.well-known/openid-configuration`)).body.id_token_signing_alg_values_supported;

const changes = async (action: string) =>
  (await admin(server).get(`/AuditEvent?action=${action}`)).body.entry.map(
    ({ resource }: any) => resource.detail.reason,
  );

describe('The schedule of signing keys', { timeout: 60_000 }, () => {
  it('announces successors soon after a start, for each algorithm in use (K11, RFC 7517 5)', async () => {
    await passes('signs_from', 100);
    await eventually(() => withState('ES256', 'announced'));
    expect((await keys()).map(({ alg, state }) => `${alg} ${state}`).sort()).toEqual([
      'ES256 announced',
      'ES256 current',
      'RS256 announced',
      'RS256 current',
    ]);
  });

  it('retires an algorithm that is no longer used, and still verifies what it signed (K11, RFC 7517 5)', async () => {
    await admin(server).patch(`/Client/${client.id}`, {
      auth: { client_credentials: { signing_alg: null } },
    });
    await passes('signs_from', 0);
    await eventually(async () => !(await withState('ES256', 'current')));
    expect((await keys()).filter(({ alg }) => alg === 'ES256').map(({ state }) => state)).toEqual([
      'retired',
      'retired',
    ]);
    expect(await published()).toEqual(['RS256', 'RS256', 'ES256', 'ES256']);
    expect(await verified()).toEqual(['RS256', 'ES256']);
    expect(await changes('signing-key.update')).toEqual(['unused', 'unused']);
    const { body } = await form(`${server.url}/auth/introspect`, { token }, client.basic);
    expect(body.active).toBe(true);
    const { added } = (await admin(server).post('/SigningKey/$rotate', { immediately: true })).body;
    expect(added.map(({ alg }: Key) => alg)).toEqual(['RS256']);
  });

  it('publishes retired keys for 30 days, then removes them (K11, RFC 7517 5)', async () => {
    const [sooner, later] = (await keys()).filter(({ alg }) => alg === 'ES256').map(({ id }) => id);
    await passes('retired_at', 29);
    await passes('retired_at', 2, sooner);
    await eventually(async () => (await published()).filter((alg) => alg === 'ES256').length === 1);
    expect((await keys()).find(({ alg }) => alg === 'ES256')?.id).toBe(later);
    expect(await changes('signing-key.delete')).toEqual(['outlived']);
  });

  it('creates a new key for an algorithm that is used again, in every process (K11, RFC 7517 5)', async () => {
    const again = await aClient(server).withTokens({ token_format: 'jwt', signing_alg: 'ES256' }).register();
    const current = await withState('ES256', 'current');
    expect(current?.id).not.toBe(decodeProtectedHeader(token).kid);
    for (const one of [beside, server]) {
      const { alg, kid } = decodeProtectedHeader(await tokenAt(one, again));
      expect([alg, kid]).toEqual(['ES256', current?.id]);
    }
  });
});

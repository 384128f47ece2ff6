import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { admin } from '../../support/admin.js';
import { AUTH0, AUTHING, DIALECTS, NATIVE } from '../../support/dialects.js';
import { basic, bearer, form, get } from '../../support/http.js';
import { LIBRARY, READ_BOOK_1, registerLibrary } from '../../support/library.js';
import { type MeteredServer, type Series, startMetered } from '../../support/metrics.js';
import { aClient, type TestClient } from '../../support/registration.js';

let metered: MeteredServer;
let client: TestClient;

beforeAll(async () => {
  metered = await startMetered();
  await registerLibrary(metered.server);
  client = await aClient(metered.server).withGrant('book:1:read').register();
});
afterAll(async () => {
  await metered?.server.stop();
});

/** How much these series grow while `work` runs. */
async function growth(
  work: () => Promise<unknown>,
  ...series: [name: string, labels: Record<string, string>][]
): Promise<number[]> {
  const before = await metered.scrape();
  await work();
  // A response is counted once it has been sent, so its client may be earlier; this one is counted last.
  await get(`${metered.server.url}/.well-known/openid-configuration`);
  const last = (one: Series) =>
    one.sum('latchkey_request_duration_seconds_count', { endpoint: 'discovery' }) ?? 0;
  const after = await metered.until((now) => last(now) > last(before));
  return series.map(([name, labels]) => (after.sum(name, labels) ?? 0) - (before.sum(name, labels) ?? 0));
}

describe('Metrics of tokens', { timeout: 60_000 }, () => {
  it.each(DIALECTS)('count issued tokens by format in the $name dialect', async (dialect) => {
    const format = dialect === NATIVE ? 'opaque' : 'jwt';
    const labels = { dialect: dialect.name, format, outcome: 'issued', reason: 'none' };
    const work = async () => {
      for (let n = 0; n < 3; n++) await client.token(dialect, READ_BOOK_1);
    };
    expect(
      await growth(
        work,
        ['latchkey_tokens_total', labels],
        ['latchkey_tokens_total', {}],
        ['latchkey_responses_total', { endpoint: 'token', status: '200' }],
        ['latchkey_request_duration_seconds_count', { endpoint: 'token' }],
      ),
    ).toEqual([3, 3, 3, 3]);
  });

  it.each([
    ['invalid_scope', () => client.ask(NATIVE, { audience: LIBRARY, scope: 'book:2:read' })],
    ['invalid_target', () => client.ask(AUTHING, { ...READ_BOOK_1, audience: 'urn:absent' })],
    ['access_denied', () => client.ask(AUTH0, { ...READ_BOOK_1, audience: 'urn:absent' })],
    ['unsupported_grant_type', () => client.post(NATIVE, { grant_type: 'password' })],
    ['invalid_request', () => client.post(NATIVE, {})],
    [
      'invalid_client',
      () =>
        form(
          `${metered.server.url}/auth/token`,
          { grant_type: 'client_credentials' },
          basic('absent', 'unknown-secret-71'),
        ),
    ],
  ])('count refusals by reason: %s', async (reason, work) => {
    expect(
      await growth(
        work,
        ['latchkey_tokens_total', { outcome: 'refused', reason, format: 'none' }],
        ['latchkey_tokens_total', {}],
      ),
    ).toEqual([1, 1]);
  });

  it('count what the HTTP layer rejects before the endpoint by its status', async () => {
    const { url } = metered.server;
    const work = () => form(`${url}/auth/token`, `grant_type=client_credentials&x=${'x'.repeat(200_000)}`);
    const labels = { outcome: 'refused', reason: 'invalid_request' };
    const [byCode, byStatus] = await growth(
      work,
      ['latchkey_tokens_total', labels],
      ['latchkey_tokens_total', { outcome: 'refused', reason: 'status_413' }],
    );
    expect((byCode ?? 0) + (byStatus ?? 0)).toBe(1);
  });
});

describe('Metrics of the other endpoints', { timeout: 60_000 }, () => {
  it('count introspection by result', async () => {
    const { url } = metered.server;
    const token = await client.token(NATIVE, READ_BOOK_1);
    const introspect = (value: string) => form(`${url}/oauth/introspect`, { token: value }, client.basic);
    const work = async () => {
      await introspect(token);
      await introspect('unknown');
      await form(`${url}/oauth/introspect`, {}, client.basic);
    };
    const series = (labels: Record<string, string>): [string, Record<string, string>] => [
      'latchkey_introspections_total',
      { dialect: 'auth0', ...labels },
    ];
    expect(
      await growth(
        work,
        series({ outcome: 'active', reason: 'none' }),
        series({ outcome: 'inactive', reason: 'none' }),
        series({ outcome: 'refused', reason: 'invalid_request' }),
        series({}),
      ),
    ).toEqual([1, 1, 1, 3]);
  });

  it('count verification and revocation by result', async () => {
    const { url } = metered.server;
    const token = await client.token(NATIVE, READ_BOOK_1);
    const other = await aClient(metered.server).withGrant('book:1:read').register();
    const verify = (scope: string, headers = {}) => get(`${url}/auth/verify?scope=${scope}`, headers);
    const work = async () => {
      expect((await verify('book:1:read', bearer(token))).status).toBe(200);
      expect((await verify('book:1:write', bearer(token))).status).toBe(403);
      expect((await verify('book:1:read')).status).toBe(401);
      await form(`${url}/auth/revoke`, { token }, other.basic);
      await form(`${url}/auth/revoke`, { token }, client.basic);
    };
    const verifications = 'latchkey_verifications_total';
    const revocations = 'latchkey_revocations_total';
    expect(
      await growth(
        work,
        [verifications, { outcome: 'accepted', reason: 'none' }],
        [verifications, { outcome: 'refused', reason: 'insufficient_scope' }],
        [verifications, { outcome: 'refused', reason: 'no_token' }],
        [revocations, { dialect: 'native', outcome: 'accepted', reason: 'none' }],
        [revocations, { dialect: 'native', outcome: 'refused', reason: 'invalid_grant' }],
      ),
    ).toEqual([1, 1, 1, 1, 1]);
  });

  it('count administration, health and unknown paths by status', async () => {
    const { url } = metered.server;
    const work = async () => {
      await admin(metered.server).get('/Client');
      await admin(metered.server).get('/Client/absent');
      await get(`${url}/health/live`);
      await get(`${url}/nowhere/${'x'.repeat(40)}`);
    };
    const status = (endpoint: string, code: string): [string, Record<string, string>] => [
      'latchkey_responses_total',
      { endpoint, status: code },
    ];
    expect(
      await growth(
        work,
        status('administration', '200'),
        status('administration', '404'),
        status('health', '200'),
        status('other', '404'),
      ),
    ).toEqual([1, 1, 1, 1]);
  });
});

describe('Metrics of what is stored', { timeout: 60_000 }, () => {
  it('show batches, caches and queues', async () => {
    const batches = 'latchkey_write_batch_size';
    const plans: [string, Record<string, string>] = [
      'latchkey_cache_requests_total',
      { cache: 'issuance_plans', result: 'hit' },
    ];
    const [count, writes, flushes, hits] = await growth(
      async () => {
        for (let n = 0; n < 4; n++) await client.token(NATIVE, READ_BOOK_1);
      },
      [`${batches}_count`, {}],
      [`${batches}_sum`, {}],
      ['latchkey_write_flush_duration_seconds_count', {}],
      plans,
    );
    expect(count).toBeGreaterThanOrEqual(4);
    expect(writes).toBeGreaterThanOrEqual(4);
    expect(flushes).toBe(count);
    expect(hits).toBeGreaterThanOrEqual(3);
    const series = await metered.scrape();
    for (const queue of ['writes', 'searches', 'transactions', 'audit_events', 'secret_hashes'])
      expect(series.sum('latchkey_queue_length', { queue })).toBeGreaterThanOrEqual(0);
  });

  it('show the state of the database, the sessions, the keys and the audit', async () => {
    await client.token(AUTH0, READ_BOOK_1);
    const series = await metered.until((now) => (now.sum('latchkey_audit_lag_seconds') ?? 1) === 0);
    const now = Date.now() / 1000;
    expect(series.sum('latchkey_database_up')).toBe(1);
    expect(series.sum('latchkey_database_check_failed')).toBe(0);
    expect(series.sum('latchkey_sessions')).toBeGreaterThanOrEqual(0);
    expect(series.sum('latchkey_sessions_bytes')).toBeGreaterThan(0);
    const oldest = series.sum('latchkey_oldest_session_timestamp_seconds') ?? 0;
    expect(oldest).toBeGreaterThan(now - 600);
    expect(oldest).toBeLessThanOrEqual(now + 1);
    const created = series.sum('latchkey_signing_key_created_timestamp_seconds', {
      alg: 'RS256',
      state: 'current',
    });
    expect(created).toBeGreaterThan(now - 600);
  });

  it('show how long the audit has been behind an issued token', async () => {
    await client.token(NATIVE, READ_BOOK_1);
    const series = await metered.until((now) => (now.sum('latchkey_audit_lag_seconds') ?? 0) > 1);
    expect(series.sum('latchkey_audit_lag_seconds')).toBeLessThan(60);
  });
});

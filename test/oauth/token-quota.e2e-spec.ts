import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { events, eventually } from '../admin/audit.js';
import { admin } from '../support/admin.js';
import { AUTH0, DIALECTS, NATIVE } from '../support/dialects.js';
import type { Answer } from '../support/http.js';
import { aClient, aResource, TestClient } from '../support/registration.js';
import { startServer, type TestServer } from '../support/server.js';
import { runSql } from '../support/sql.js';

const HEADER = 'auth0-client-quota-limit';
const READ = { audience: 'urn:quota', scope: 'quota:1:read' };

let server: TestServer;

beforeAll(async () => {
  server = await startServer();
  await aResource(server, 'quota', ['read'], { audience: 'urn:quota' });
});
afterAll(() => server.stop());

const withQuota = (token_quota: object, members: object = {}) =>
  aClient(server)
    .with({ token_quota, ...members })
    .withGrant('quota:*:read')
    .register();

/** What the header reports of each window. */
function reported(answer: Answer): Record<string, { q: number; r: number; t: number }> {
  const header = answer.headers.get(HEADER) ?? '';
  const windows = header.split(',').map((window) => {
    const { b, ...numbers } = Object.fromEntries(window.split(';').map((part) => part.split('=')));
    return [b, Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, Number(value)]))];
  });
  return Object.fromEntries(windows);
}

const untilHour = () => 3600 - (Math.floor(Date.now() / 1000) % 3600);
const untilDay = () => 86_400 - (Math.floor(Date.now() / 1000) % 86_400);

/** A test of counts may not run across the end of an hour. */
async function withinOneHour(seconds = 20): Promise<void> {
  while (untilHour() <= seconds) await new Promise((resolve) => setTimeout(resolve, 1000));
}

function expectRefusal(answer: Answer, window: 'per_hour' | 'per_day', quota: number): void {
  const seconds = window === 'per_hour' ? untilHour() : untilDay();
  expect(answer.status).toBe(429);
  expect(answer.body).toEqual({
    error: 'too_many_requests',
    error_description: `the token quota of this ${window === 'per_hour' ? 'hour' : 'day'} is used up`,
  });
  expect(answer.headers.get('cache-control')).toBe('no-store');
  expect(answer.headers.get('x-ratelimit-limit')).toBe(String(quota));
  expect(answer.headers.get('x-ratelimit-remaining')).toBe('0');
  const reset = Number(answer.headers.get('x-ratelimit-reset'));
  expect(reset % (window === 'per_hour' ? 3600 : 86_400)).toBe(0);
  expect(Math.abs(reset - Date.now() / 1000 - seconds)).toBeLessThan(5);
  expect(Math.abs(Number(answer.headers.get('retry-after')) - seconds)).toBeLessThan(5);
  expect(reported(answer)[window]).toMatchObject({ q: quota, r: 0 });
}

describe.each(DIALECTS)('A token quota in the $name dialect', (dialect) => {
  it('reports the quota in every response and rejects requests beyond it, as Auth0 does (L01, ASVS 2.4.1, RFC 6585 4)', async () => {
    await withinOneHour();
    const client = await withQuota({ per_hour: 3, per_day: 50 });
    for (const left of [2, 1, 0]) {
      const answer = await client.ask(dialect, READ);
      expect(answer.status).toBe(200);
      const { per_hour: hour, per_day: day } = reported(answer);
      expect(hour).toMatchObject({ q: 3, r: left });
      expect(day).toMatchObject({ q: 50, r: 47 + left });
      expect(Math.abs((hour?.t ?? 0) - untilHour())).toBeLessThan(5);
      expect(Math.abs((day?.t ?? 0) - untilDay())).toBeLessThan(5);
    }
    const refused = await client.ask(dialect, READ);
    expectRefusal(refused, 'per_hour', 3);
    expect(reported(refused).per_day).toMatchObject({ q: 50, r: 47 });
  });

  it('counts no failed request, and reports the quota (L01, ASVS 2.4.1)', async () => {
    await withinOneHour();
    const client = await withQuota({ per_hour: 2 });
    const failed = await client.ask(dialect, { ...READ, scope: 'a b"c' });
    expect(failed.status).toBe(400);
    expect(failed.headers.get(HEADER)).toMatch(/^b=per_hour;q=2;r=2;t=\d+$/);
    expect(reported(await client.ask(dialect, READ)).per_hour?.r).toBe(1);
  });
});

describe('A token quota', () => {
  it('rejects requests beyond a daily quota until the day ends (L01, ASVS 2.4.1)', async () => {
    await withinOneHour();
    const client = await withQuota({ per_hour: 2, per_day: 2 });
    for (let n = 0; n < 2; n++) expect((await client.ask(NATIVE)).status).toBe(200);
    expectRefusal(await client.ask(NATIVE), 'per_day', 2);
  });

  it('counts all dialects and formats together, and each client separately (L01, ASVS 2.4.1)', async () => {
    await withinOneHour();
    const client = await withQuota({ per_hour: 3 });
    for (const dialect of DIALECTS) expect((await client.ask(dialect, READ)).status).toBe(200);
    for (const dialect of DIALECTS) expect((await client.ask(dialect, READ)).status).toBe(429);
    expect((await (await withQuota({ per_hour: 3 })).ask(NATIVE)).status).toBe(200);
  });

  it('is never exceeded by concurrent requests (L01, ASVS 2.4.1)', async () => {
    await withinOneHour();
    const client = await withQuota({ per_hour: 10 });
    const answers = await Promise.all(Array.from({ length: 50 }, () => client.ask(NATIVE)));
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(10);
    expect(statuses.filter((status) => status === 429)).toHaveLength(40);
    const { body } = await admin(server).get(`/Session?client=${client.id}&_count=100`);
    expect(body.total).toBe(10);
  });

  it('counts and reports but rejects nothing with enforce: false (L01, ASVS 2.4.1)', async () => {
    await withinOneHour();
    const client = await withQuota({ per_hour: 2, enforce: false });
    const left: unknown[] = [];
    for (let n = 0; n < 4; n++) {
      const answer = await client.ask(AUTH0, READ);
      expect(answer.status).toBe(200);
      left.push(reported(answer).per_hour?.r);
    }
    expect(left).toEqual([1, 0, 0, 0]);
  });

  it('does not count refreshes (L01, ASVS 2.4.1)', async () => {
    await withinOneHour();
    const client = await aClient(server)
      .with({ token_quota: { per_hour: 1 } })
      .withTokens({ refresh_token: true })
      .register();
    const first = await client.ask(NATIVE);
    const { refresh_token } = first.body;
    const refreshed = await client.post(NATIVE, { grant_type: 'refresh_token', refresh_token });
    expect(refreshed.status).toBe(200);
    expect(refreshed.headers.get(HEADER)).toBeNull();
    expect((await client.ask(NATIVE)).status).toBe(429);
  });

  it('sends no header without a quota (L01, ASVS 2.4.1)', async () => {
    const client = await aClient(server).register();
    expect((await client.ask(NATIVE)).headers.get(HEADER)).toBeNull();
  });

  it('applies a changed quota at once (L01, ASVS 2.4.1)', async () => {
    await withinOneHour();
    const client = await withQuota({ per_hour: 1 });
    await client.ask(NATIVE);
    expect((await client.ask(NATIVE)).status).toBe(429);
    await admin(server).patch(`/Client/${client.id}`, { token_quota: { per_hour: 2 } });
    expect((await client.ask(NATIVE)).status).toBe(200);
    expect((await client.ask(NATIVE)).status).toBe(429);
    await admin(server).patch(`/Client/${client.id}`, { token_quota: null });
    expect((await client.ask(NATIVE)).status).toBe(200);
  });

  it('counts from when it is first set (L01, ASVS 2.4.1)', async () => {
    await withinOneHour();
    const client = await aClient(server).register();
    await client.ask(NATIVE);
    await admin(server).patch(`/Client/${client.id}`, { token_quota: { per_hour: 2 } });
    expect((await client.ask(NATIVE)).headers.get(HEADER)).toContain('q=2;r=1');
  });

  it.each([
    ['hour', 'hour_start', 3_600_000],
    ['day', 'day_start', 86_400_000],
  ])('is whole again when the %s has ended (L01, ASVS 2.4.1)', async (window, column, length) => {
    await withinOneHour();
    const client = await withQuota({ [`per_${window}`]: 1 });
    await client.ask(NATIVE);
    expect((await client.ask(NATIVE)).status).toBe(429);
    await runSql(
      server,
      `UPDATE token_quota_use SET ${column} = ${column} - ${length} WHERE client_id = '${client.id}'`,
    );
    expect((await client.ask(NATIVE)).status).toBe(200);
    expect((await client.ask(NATIVE)).status).toBe(429);
  });

  it('starts from zero for a new client with the id of a deleted one (L01, ASVS 2.4.1)', async () => {
    await withinOneHour();
    const members = {
      token_quota: { per_hour: 1 },
      auth: { client_credentials: { access_token_expiration: 1 } },
    };
    const again = () =>
      admin(server).post('/Client', { id: 'again', grant_types: ['client_credentials'], ...members });
    for (let n = 0; n < 2; n++) {
      const { body } = await again();
      const client = new TestClient(server, 'again', body.secret);
      expect((await client.ask(NATIVE)).status).toBe(200);
      expect((await client.ask(NATIVE)).status).toBe(429);
      await admin(server).delete('/Client/again');
      await new Promise((resolve) => setTimeout(resolve, 2100));
    }
  });

  it('keeps its count across restarts (L01, ASVS 2.4.1)', async () => {
    await withinOneHour(40);
    const client = await withQuota({ per_hour: 2 });
    await client.ask(NATIVE);
    await server.kill();
    await server.restart();
    expect(reported(await client.ask(NATIVE)).per_hour?.r).toBe(0);
    expect((await client.ask(NATIVE)).status).toBe(429);
  });

  it('logs 60, 80 and 100 percent once each (G05, ASVS 16.3.3)', async () => {
    await withinOneHour();
    const client = await withQuota({ per_hour: 5 });
    for (let n = 0; n < 7; n++) await client.ask(NATIVE);
    const events = server
      .stderr()
      .split('\n')
      .filter((line) => line.includes('"token_quota"') && line.includes(`"${client.id}"`))
      .map((line) => JSON.parse(line));
    expect(events.map(({ window, percent }) => [window, percent])).toEqual([
      ['per_hour', 60],
      ['per_hour', 80],
      ['per_hour', 100],
    ]);
  });

  it('audits an exceeded quota, enforced or not (G05, ASVS 16.3.3)', async () => {
    await withinOneHour(40);
    const strict = await withQuota({ per_hour: 1 });
    const lenient = await withQuota({ per_hour: 2, enforce: false });
    const audited = (client: TestClient) => `action=quota.exceed&client=${client.id}`;
    for (let n = 0; n < 3; n++) expect((await strict.ask(NATIVE)).status).toBe(n === 0 ? 200 : 429);
    for (let n = 0; n < 2; n++) await lenient.ask(NATIVE);
    const [refused] = await eventually(server, audited(strict));
    expect(refused).toMatchObject({
      outcome: 'failure',
      client: { id: strict.id },
      agent: { client: { id: strict.id }, address: '127.0.0.1' },
      detail: { reason: 'too_many_requests', path: '/auth/token' },
    });
    expect(await events(server, audited(lenient))).toEqual([]);
    for (let n = 0; n < 3; n++) expect((await lenient.ask(NATIVE)).status).toBe(200);
    const passed = await eventually(server, audited(lenient));
    expect(passed).toMatchObject([
      { outcome: 'success', detail: { window: 'per_hour', quota: 2, used: 3, enforced: false } },
    ]);
  });

  it('holds across processes that share a database (L01, ASVS 2.4.1)', async () => {
    await withinOneHour();
    const client = await withQuota({ per_hour: 10 });
    const other = await startServer({ beside: server });
    try {
      const there = new TestClient(other, client.id, client.secret);
      const answers = await Promise.all(
        Array.from({ length: 30 }, (_, n) => (n % 2 === 0 ? client : there).ask(NATIVE)),
      );
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(10);
      expect(answers.filter(({ status }) => status === 429)).toHaveLength(20);
    } finally {
      await other.stop();
    }
  });
});

describe('token_quota of a Client', () => {
  it('stores and shows token_quota, with the default of enforce', async () => {
    const { id } = await withQuota({ per_day: 7 });
    const { body } = await admin(server).get(`/Client/${id}`);
    expect(body.token_quota).toEqual({ per_day: 7, enforce: true });
    const { token_quota: _, meta: __, ...rest } = body;
    expect((await admin(server).put(`/Client/${id}`, rest)).body).not.toHaveProperty('token_quota');
  });

  it.each([
    [{}, 'token_quota.per_hour'],
    [{ enforce: true }, 'token_quota.per_hour'],
    [{ per_hour: 0 }, 'token_quota.per_hour'],
    [{ per_hour: 1.5 }, 'token_quota.per_hour'],
    [{ per_hour: '10' }, 'token_quota.per_hour'],
    [{ per_hour: null, per_day: 1 }, 'token_quota.per_hour'],
    [{ per_day: -1 }, 'token_quota.per_day'],
    [{ per_day: 1, enforce: 'no' }, 'token_quota.enforce'],
    [{ per_hour: 1, per_minute: 1 }, 'token_quota.per_minute'],
    [[], 'token_quota'],
    [null, 'token_quota'],
  ])('%j is 422 at %s', async (token_quota, path) => {
    const { status, body } = await admin(server).put('/Client/wrong-quota', { token_quota });
    expect(status).toBe(422);
    expect(body.errors.map((fault: { path: string }) => fault.path)).toEqual([path]);
  });
});

import { beforeAll, describe, expect, it, vi } from 'vitest';
import { type Admin, admin } from '../support/admin.js';
import { NATIVE } from '../support/dialects.js';
import { useLibrary } from '../support/library.js';
import { aClient, type TestClient } from '../support/registration.js';
import { engine } from '../support/server.js';
import { expectProblem } from './answers.js';
import { aCaller } from './callers.js';

const DAY_MS = 86_400_000;
const library = useLibrary();
let root: Admin;
let limited: TestClient;

const inDays = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString();

beforeAll(async () => {
  const { server } = library;
  root = admin(server);
  limited = await aClient(server, 'limited')
    .with({ token_quota: { per_hour: 4, per_day: 100, enforce: true } })
    .register();
  await aClient(server, 'roomy')
    .with({ token_quota: { per_day: 1000, enforce: false } })
    .register();
  await aClient(server, 'leaving')
    .with({ expires_at: inDays(20) })
    .register();
  await aClient(server, 'later')
    .with({ expires_at: inDays(40) })
    .register();
  await aClient(server, 'off')
    .with({ active: false, expires_at: inDays(3) })
    .register();
  await root.post('/Client/limited/$add-secret', { description: 'old region', end: inDays(10) });
  for (let count = 0; count < 3; count++) await limited.token(NATIVE);
  await limited.ask(NATIVE, { scope: '*:*:*', audience: 'urn:none' });
  await limited.post(NATIVE, { grant_type: 'password' });
  await limited.post(NATIVE, { grant_type: 'password' });
  await limited.post(NATIVE, '');
});

describe('GET /$overview', () => {
  it('tells what was requested, what ends, how much of a quota is used, and how the server is', async () => {
    const { body, status, text } = await root.get('/$overview');
    expect(status, text).toBe(200);
    expect(body).toMatchObject({
      resourceType: 'Overview',
      tokens: {
        issued: 3,
        refused: 4,
        failed: 0,
        latency_ms: { p50: expect.any(Number), p99: expect.any(Number) },
        refusals: [
          { reason: 'unsupported_grant_type', count: 2 },
          { reason: 'invalid_request', count: 1 },
          { reason: 'invalid_target', count: 1 },
        ],
      },
      processes: { counted: 1, configured: 1 },
      clients: { total: 6, active: 5, unused: { days: 90, total: 0 } },
      audit_chain: { breaks: 0 },
      database: { engine, ready: true, clock_skew_ms: expect.any(Number) },
    });
    expect(body.ending).toEqual({
      days: 30,
      total: 2,
      next: [
        {
          client: { resourceType: 'Client', id: 'limited' },
          secret: expect.stringMatching(/^[0-9a-f-]{36}$/),
          description: 'old region',
          end: expect.any(String),
        },
        { client: { resourceType: 'Client', id: 'leaving' }, end: expect.any(String) },
      ],
    });
    expect(body.quotas).toMatchObject([
      { client: { id: 'limited' }, window: 'per_hour', quota: 4, used: 3, enforced: true },
      { client: { id: 'limited' }, window: 'per_day', quota: 100, used: 3, enforced: true },
    ]);
    const { minutes } = body.tokens;
    expect(minutes).toHaveLength(60);
    const sum = (name: string) => minutes.reduce((all: number, minute: any) => all + minute[name], 0);
    expect([sum('issued'), sum('refused'), sum('failed')]).toEqual([3, 4, 0]);
    const starts = minutes.map(({ start }: any) => Date.parse(start));
    expect(new Set(starts.slice(1).map((start: number, at: number) => start - starts[at]))).toEqual(
      new Set([60_000]),
    );
    expect(Date.now() - starts.at(-1)).toBeLessThan(120_000);
  });

  it('shows a token that was issued since, and a break of the chain', async () => {
    const before = (await root.get('/$overview')).body.tokens.issued;
    await limited.token(NATIVE);
    expect((await root.get('/$overview')).body.tokens.issued).toBe(before + 1);
    expect((await limited.ask(NATIVE)).status).toBe(429);
    await vi.waitFor(
      async () => {
        const { quotas, tokens } = (await root.get('/$overview')).body;
        expect(tokens.refusals).toContainEqual({ reason: 'too_many_requests', count: 1 });
        expect(quotas[0]).toMatchObject({ quota: 4, used: 4 });
      },
      { timeout: 15_000, interval: 250 },
    );
  });

  it('requires the right to read clients and audit events', async () => {
    const { server } = library;
    for (const [rule, lacking] of [
      ['Client:*:read', 'AuditEvent:*:read'],
      ['AuditEvent:*:read', 'Client:*:read'],
    ] as const) {
      const { rest } = await aCaller(server, rule);
      const answer = await rest.get('/$overview');
      expectProblem(answer, 403);
      expect(answer.headers.get('www-authenticate')).toContain(`scope="${lacking}"`);
    }
    const { rest } = await aCaller(server, 'Client:*:read', 'AuditEvent:*:read');
    expect((await rest.get('/$overview')).status).toBe(200);
  });

  it('takes no parameter, no body and no other method, and answers in YAML as well', async () => {
    expectProblem(await root.get('/$overview?days=1'), 400, ['days']);
    expectProblem(await root.post('/$overview'), 405);
    expectProblem(await root.get('/$overvew'), 404);
    expect((await root.get('/%24overview')).status).toBe(200);
    const { text } = await root.get('/$overview', { accept: 'text/yaml' });
    expect(text).toMatch(/^resourceType: Overview\n/);
  });
});

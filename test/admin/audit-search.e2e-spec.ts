import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { admin } from '../support/admin.js';
import { request } from '../support/http.js';
import { rememberSecret } from '../support/leaks.js';
import { startServer, type TestServer } from '../support/server.js';
import { allPages, expectProblem, idsOf } from './answers.js';
import { events } from './audit.js';
import { aCaller } from './callers.js';

let server: TestServer;

beforeAll(async () => {
  server = await startServer();
  for (let i = 0; i < 25; i++) await admin(server).put(`/Client/kept-${i}`, { name: `${i}` });
  await admin(server).put('/Resource/book', { operations: [{ name: 'read' }] });
});

afterAll(() => server.stop());

const root = () => admin(server);

describe('GET /AuditEvent', { timeout: 60_000 }, () => {
  it('lists audit events, newest first, page by page', async () => {
    const pages = await allPages(root().get, '/AuditEvent?_count=7');
    const dates = pages.flatMap(({ body }) => body.entry.map(({ resource }: any) => resource.date));
    expect(dates).toEqual([...dates].sort().reverse());
    const ids = pages.flatMap(idsOf);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.length).toBe(pages[0]!.body.total);
    expect((await root().get('/AuditEvent?_count=1&_page=2')).body.entry[0].resource.id).toBe(ids[1]);
  });

  it('searches audit events by client, action, outcome and date', async () => {
    const [one] = await events(server, 'client=kept-3');
    expect(one).toMatchObject({
      resourceType: 'AuditEvent',
      action: 'client.create',
      client: { id: 'kept-3' },
    });
    expect(await events(server, 'client=Client/kept-3')).toEqual([one]);
    // Who acted is found as well as whom it was about.
    expect(
      (await events(server, 'client=root&action=resource.create')).map(({ target }) => target.id),
    ).toEqual(['book']);
    expect(await events(server, 'outcome=failure')).toEqual([]);
    expect(await events(server, 'action=no.such')).toEqual([]);
    expect(await events(server, 'outcome=maybe')).toEqual([]);
    expect(await events(server, `date=${one.date}&client=kept-3`)).toEqual([one]);
    expect(await events(server, `date=lt${one.date}&client=kept-3`)).toEqual([]);
    expect(await events(server, `_lastUpdated=ge${one.date}&client=kept-3`)).toEqual([one]);
    expect(await events(server, `_id=${one.id}`)).toEqual([one]);
    const [brief] = await events(server, `_id=${one.id}&_elements=action,date`);
    expect(brief).toEqual({ resourceType: 'AuditEvent', id: one.id, action: one.action, date: one.date });
    expect((await root().get('/AuditEvent?_total=none&_count=1')).body.total).toBeUndefined();
  });

  it.each(['id', 'createdAt', 'lastUpdated', 'client', 'action', 'outcome', 'date'])(
    'sorts audit events by %s, across pages',
    async (key) => {
      for (const sort of [key, `-${key}`]) {
        const pages = await allPages(root().get, `/AuditEvent?_sort=${sort}&_count=10`);
        expect(new Set(pages.flatMap(idsOf)).size).toBe(pages[0]!.body.total);
      }
    },
  );

  it('rejects unknown parameters of an audit search', async () => {
    expectProblem(await root().get('/AuditEvent?agent=x'), 400, ['agent']);
    expectProblem(await root().get('/AuditEvent?_sort=detail'), 400, ['_sort']);
    expectProblem(await root().get('/AuditEvent?date=yesterday'), 400, ['date']);
  });
});

describe('The links of a search', () => {
  it('mask a token or secret that was sent as a search value, and keep cursors (ASVS 14.2.1)', async () => {
    const { secret = '' } = (await root().post('/Client', {})).body;
    rememberSecret(secret);
    for (const path of [
      `/AuditEvent?client=${secret}`,
      `/Client?name=${secret}`,
      `/Session?audience=${secret}`,
    ]) {
      const { status, text, body } = await root().get(path);
      expect([status, body.entry]).toEqual([200, []]);
      expect(text).not.toContain(secret.slice(0, 20));
      expect(body.link[0]).toEqual({ relation: 'self', url: expect.stringMatching(/=lks_\.\.\.$/) });
    }
    const [first, second] = await allPages(root().get, '/AuditEvent?_count=7');
    const { url } = first!.body.link.find(({ relation }: any) => relation === 'next');
    expect(second!.body.link[0].url).toBe(url);
  });
});

describe('/AuditEvent', { timeout: 60_000 }, () => {
  it('shows one audit event with its place in the chain', async () => {
    const [one] = await events(server, 'client=kept-3');
    const shown = await root().get(`/AuditEvent/${one.id}`);
    expect([shown.status, shown.body, shown.headers.get('etag')]).toEqual([200, one, '"1"']);
    expect(one).toMatchObject({
      sequence: expect.any(Number),
      hash: expect.any(String),
      previous_hash: expect.any(String),
    });
    const yaml = await root().get(`/AuditEvent/${one.id}`, { accept: 'text/yaml' });
    expect(yaml.text).toMatch(/^resourceType: AuditEvent/);
    expectProblem(await root().get('/AuditEvent/nothing'), 404);
  });

  it('rejects every write of an audit event with 405', async () => {
    const [one] = await events(server, 'client=kept-3');
    for (const [method, path] of [
      ['POST', '/AuditEvent'],
      ['DELETE', '/AuditEvent'],
      ['PUT', `/AuditEvent/${one.id}`],
      ['PATCH', `/AuditEvent/${one.id}`],
      ['DELETE', `/AuditEvent/${one.id}`],
    ] as const) {
      const answer = await request(`${server.url}${path}`, { method });
      expectProblem(answer, 405);
      expect(answer.headers.get('allow')).toMatch(/GET/);
    }
    expect(await events(server, 'client=kept-3')).toEqual([one]);
  });

  it('shows audit events only to callers that may read all of them (A01, ASVS 8.2.1)', async () => {
    expect((await request(`${server.url}/AuditEvent`)).status).toBe(401);
    const nobody = await aCaller(server, 'Client:*:read');
    expectProblem(await nobody.rest.get('/AuditEvent'), 403);
    const auditor = await aCaller(server, 'AuditEvent:*:read');
    expect((await auditor.rest.get('/AuditEvent')).status).toBe(200);
    expectProblem(await auditor.rest.get('/Client'), 403);
  });
});

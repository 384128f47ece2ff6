import { beforeAll, describe, expect, it } from 'vitest';
import { expectProblem } from '../../admin/answers.js';
import { type Admin, admin } from '../../support/admin.js';
import { NATIVE } from '../../support/dialects.js';
import { bearer, get, request } from '../../support/http.js';
import { ATLAS, useLibrary } from '../../support/library.js';
import { aClient, type TestClient } from '../../support/registration.js';

const library = useLibrary();
let root: Admin;
let reader: TestClient;

beforeAll(async () => {
  root = admin(library.server);
  reader = await aClient(library.server, 'reader')
    .withGrant('book:*:read', 'book:1:write', '!book:13:*', 'map:*:*')
    .register();
});

const question = (
  id: string,
  name: string,
  type = 'book',
  subject: object = { type: 'client', id: 'reader' },
) => ({
  subject,
  action: { name },
  resource: { type, id },
});

const evaluate = (body: object, caller = root) => caller.post('/access/v1/evaluation', body);
const evaluateAll = (body: object) => root.post('/access/v1/evaluations', body);
const search = (what: string, body: object) => root.post(`/access/v1/search/${what}`, body);

describe('An access evaluation (AuthZEN 6)', () => {
  it.each([
    ['1', 'read', true, { reason: 'granted', policy: 'reader', rule: 0 }],
    ['13', 'read', false, { reason: 'denied', policy: 'reader', rule: 2 }],
    ['2', 'write', false, { reason: 'no_rule' }],
    ['*', 'read', false, { reason: 'denied', policy: 'reader', rule: 2 }],
    ['1', 'burn', false, { reason: 'unknown_operation' }],
    ['1:read', 'write', false, { reason: 'malformed' }],
    ['a b', 'read', false, { reason: 'malformed' }],
    ['x'.repeat(300), 'read', false, { reason: 'malformed' }],
    ['é', 'read', false, { reason: 'malformed' }],
  ])('decides on book %s, %s', async (id, name, decision, context) => {
    const { status, body } = await evaluate(question(id, name));
    expect([status, body]).toEqual([200, { decision, context }]);
  });

  it('decides on unknown resources and subjects', async () => {
    expect((await evaluate(question('1', 'read', 'film'))).body).toEqual({
      decision: false,
      context: { reason: 'unknown_resource' },
    });
    await aClient(library.server, 'inactive').with({ active: false }).withEverything().register();
    for (const subject of [
      { type: 'user', id: 'reader' },
      { type: 'Client', id: 'reader' },
      { type: 'client', id: 'nobody' },
      { type: 'client', id: 'reader ' },
      { type: 'client', id: 'inactive' },
    ]) {
      const { body } = await evaluate(question('1', 'read', 'book', subject));
      expect(body, JSON.stringify(subject)).toEqual({
        decision: false,
        context: { reason: 'unknown_subject' },
      });
    }
  });

  it('is bound by the audience list of the client', async () => {
    const listing = await aClient(library.server)
      .withTokens({ audience: [ATLAS] })
      .withGrant('book:*:read', 'map:*:zoom')
      .register();
    const subject = { type: 'client', id: listing.id };
    expect((await evaluate(question('1', 'read', 'book', subject))).body.context.reason).toBe(
      'wrong_audience',
    );
    expect((await evaluate(question('1', 'zoom', 'map', subject))).body.decision).toBe(true);
  });

  it('accepts properties and a context, which no policy reads', async () => {
    const { subject, action, resource } = question('1', 'read');
    const properties = { department: 'Sales', role: 'admin' };
    const body = {
      subject: { ...subject, properties },
      action: { ...action, properties },
      resource: { ...resource, properties },
      context: { time: '2026-12-01T00:00:00Z' },
    };
    expect((await evaluate(body)).body.decision).toBe(true);
  });

  it.each([
    [{}, ['action', 'resource', 'subject']],
    [{ ...question('1', 'read'), subject: 'reader' }, ['subject']],
    [{ ...question('1', 'read'), subject: { type: 'client' } }, ['subject.id']],
    [{ ...question('1', 'read'), action: {} }, ['action.name']],
    [{ ...question('1', 'read'), resource: { type: '', id: 7 } }, ['resource.id', 'resource.type']],
    [{ ...question('1', 'read'), context: 'now' }, ['context']],
  ])('rejects the question %j', async (body, paths) => {
    expectProblem(await evaluate(body), 400, paths);
  });

  it('requires reading policies, also of a client that asks about itself', async () => {
    const stranger = await aClient(library.server)
      .with({ grant_types: ['basic'] })
      .register();
    const auditor = await aClient(library.server)
      .with({ grant_types: ['basic'] })
      .withGrant('AccessPolicy:*:read')
      .register();
    const body = question('1', 'read');
    for (const path of ['evaluation', 'evaluations', 'search/subject', 'search/resource', 'search/action']) {
      const url = `${library.server.url}/access/v1/${path}`;
      expectProblem(await admin(library.server, stranger.basic).post(`/access/v1/${path}`, body), 403);
      expectProblem(await request(url, { method: 'POST', body: '{' }), 401);
      const own = bearer(await reader.token(NATIVE, { scope: 'book:1:read' }));
      expectProblem(await request(url, { method: 'POST', body: '{}', headers: own }), 401);
      expect((await request(url)).status).toBe(405);
    }
    expect((await evaluate(body, admin(library.server, auditor.basic))).body.decision).toBe(true);
  });

  it('repeats the id of the request, of a refused one as well (AuthZEN 10.1.3)', async () => {
    const id = { 'x-request-id': 'bfe9eb29-ab87-4ca3-be83-a1d5d8305716' };
    const answer = await root.post('/access/v1/evaluation', question('1', 'read'), id);
    expect(answer.headers.get('x-request-id')).toBe(id['x-request-id']);
    const refused = await request(`${library.server.url}/access/v1/evaluation`, {
      method: 'POST',
      headers: id,
    });
    expect([refused.status, refused.headers.get('x-request-id')]).toEqual([401, id['x-request-id']]);
    const odd = await root.post('/access/v1/evaluation', question('1', 'read'), { 'x-request-id': 'a b' });
    expect([odd.status, odd.headers.get('x-request-id')]).toEqual([200, null]);
  });
});

describe('Access evaluations (AuthZEN 7)', () => {
  const { subject, action } = question('1', 'read');
  const books = (...ids: string[]) => ids.map((id) => ({ resource: { type: 'book', id } }));
  const decisionsOf = async (body: object) => {
    const answer = await evaluateAll(body);
    expect(answer.status, answer.text).toBe(200);
    return answer.body.evaluations.map(({ decision }: { decision: boolean }) => decision);
  };

  it('take what they omit from the request', async () => {
    const evaluations = [
      ...books('1', '13'),
      question('2', 'write'),
      { ...books('1')[0], action: { name: 'write' } },
    ];
    expect(await decisionsOf({ subject, action, evaluations })).toEqual([true, false, false, true]);
  });

  it.each([
    ['execute_all', [true, false, true, false]],
    ['deny_on_first_deny', [true, false]],
    ['permit_on_first_permit', [true]],
  ])('end as %s says', async (evaluations_semantic, decisions) => {
    const body = {
      subject,
      action,
      options: { evaluations_semantic },
      evaluations: books('1', '13', '2', '13'),
    };
    expect(await decisionsOf(body)).toEqual(decisions);
  });

  it('are a single evaluation without a list', async () => {
    for (const rest of [{}, { evaluations: [] }]) {
      const { body } = await evaluateAll({ ...question('1', 'read'), ...rest });
      expect(body).toEqual({ decision: true, context: { reason: 'granted', policy: 'reader', rule: 0 } });
    }
  });

  it.each([
    [{ evaluations: 'all' }, ['evaluations']],
    [{ evaluations: books(...Array.from({ length: 1001 }, String)) }, ['evaluations']],
    [{ evaluations: books('1'), options: { evaluations_semantic: 'any' } }, ['options.evaluations_semantic']],
    [{ evaluations: books('1'), options: 'x' }, ['options']],
  ])('reject the request %j', async (body, paths) => {
    expectProblem(await evaluateAll({ subject, action, ...body }), 400, paths);
  });
});

describe('A search (AuthZEN 8)', () => {
  const client = { type: 'client', id: 'reader' };

  it('finds the identifiers that rules name and grant, and * if all are granted', async () => {
    const ask = (type: string, name: string) =>
      search('resource', { subject: client, action: { name }, resource: { type } });
    expect((await ask('book', 'write')).body).toEqual({
      page: { next_token: '', count: 1 },
      results: [{ type: 'book', id: '1' }],
    });
    expect((await ask('map', 'zoom')).body.results).toEqual([{ type: 'map', id: '*' }]);
    expect((await ask('film', 'read')).body.results).toEqual([]);
  });

  it('finds the operations on an identifier', async () => {
    const ask = async (id: string) =>
      (await search('action', { subject: client, resource: { type: 'book', id } })).body.results;
    expect(await ask('1')).toEqual([{ name: 'read' }, { name: 'write' }]);
    expect(await ask('2')).toEqual([{ name: 'read' }]);
    expect(await ask('13')).toEqual([]);
  });

  it('finds the clients that get an item, in pages', async () => {
    for (const id of ['turner-a', 'turner-b', 'turner-c']) {
      await aClient(library.server, id).withGrant('page:*:turn').register();
    }
    const body = {
      subject: { type: 'client' },
      action: { name: 'turn' },
      resource: { type: 'page', id: '7' },
    };
    const found: string[] = [];
    let token = '';
    do {
      const page = token === '' ? { limit: 2 } : { limit: 2, token };
      const answer = await search('subject', { ...body, page });
      expect(answer.status, answer.text).toBe(200);
      found.push(...answer.body.results.map(({ id }: { id: string }) => id));
      token = answer.body.page.next_token;
    } while (token !== '');
    expect(found).toEqual([library.server.adminId, 'turner-a', 'turner-b', 'turner-c']);
    const users = await search('subject', { ...body, subject: { type: 'user' } });
    expect(users.body).toEqual({ page: { next_token: '', count: 0 }, results: [] });
  });

  it.each([
    ['subject', { subject: client }, ['action', 'resource']],
    ['resource', { subject: client, action: { name: 'read' }, resource: {} }, ['resource.type']],
    ['action', { subject: client, resource: { type: 'book', id: '1' }, page: { limit: 0 } }, ['page.limit']],
    [
      'action',
      { subject: client, resource: { type: 'book', id: '1' }, page: { token: '?' } },
      ['page.token'],
    ],
    ['action', { subject: client, resource: { type: 'book', id: '1' }, page: 1 }, ['page']],
  ])('for a %s rejects %j', async (what, body, paths) => {
    expectProblem(await search(what, body), 400, paths);
  });
});

describe('The metadata of the decision point (AuthZEN 9)', () => {
  it('names its endpoints, which exist', async () => {
    const { publicUrl, url } = library.server;
    const { status, body } = await get(`${url}/.well-known/authzen-configuration`);
    const endpoints = `${publicUrl}/access/v1`;
    expect([status, body]).toEqual([
      200,
      {
        policy_decision_point: publicUrl,
        access_evaluation_endpoint: `${endpoints}/evaluation`,
        access_evaluations_endpoint: `${endpoints}/evaluations`,
        search_subject_endpoint: `${endpoints}/search/subject`,
        search_resource_endpoint: `${endpoints}/search/resource`,
        search_action_endpoint: `${endpoints}/search/action`,
      },
    ]);
    for (const [name, endpoint] of Object.entries<string>(body)) {
      if (!name.endsWith('_endpoint')) continue;
      expect((await root.post(new URL(endpoint).pathname, {})).status, endpoint).toBe(400);
    }
  });
});

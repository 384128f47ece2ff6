import { beforeAll, describe, expect, it } from 'vitest';
import { type Admin, admin } from '../../support/admin.js';
import { basic, get, request } from '../../support/http.js';
import { useLibrary } from '../../support/library.js';
import { aClient } from '../../support/registration.js';

/*
 * The certification scenario of AuthZEN 1.0 by its levels Basic, Batch and Search (Core) and Discovery. Its subjects are
 * clients here, because a user may have the id of a client.
 */

const library = useLibrary();
let root: Admin;

const subject = (id: string) => ({ type: 'client', id });
const action = (name: string) => ({ name });
const record = (id: string) => ({ type: 'record', id });
const question = (who: string, what: string, where = 'record-1') => ({
  subject: subject(who),
  action: action(what),
  resource: record(where),
});

const ask = async (path: string, body: object) => {
  const answer = await root.post(`/access/v1/${path}`, body);
  expect(answer.status, answer.text).toBe(200);
  return answer.body;
};
const decide = async (body: object) => (await ask('evaluation', body)).decision;
const decideAll = async (body: object) =>
  (await ask('evaluations', body)).evaluations.map(({ decision }: { decision: boolean }) => decision);

beforeAll(async () => {
  const { server } = library;
  root = admin(server);
  const operations = ['read', 'write', 'delete'].map((name) => ({ name }));
  await root.put('/Resource/record', { operations });
  await aClient(server, 'alice').withGrant('record:*:read', 'record:record-1:write').register();
  await aClient(server, 'bob').withGrant('record:*:read').register();
});

describe('The certification scenario of AuthZEN 1.0', () => {
  it.each([
    ['alice', 'read', true],
    ['alice', 'write', true],
    ['bob', 'read', true],
    ['bob', 'write', false],
  ])('decides whether %s may %s: %s', async (who, what, decision) => {
    for (let n = 0; n < 3; n++) expect(await decide(question(who, what))).toBe(decision);
  });

  it('accepts a context, further properties and unknown fields', async () => {
    const asked = question('alice', 'read');
    expect(await decide({ ...asked, context: { time: '2025-06-27T18:03-07:00', ip: '192.168.1.1' } })).toBe(
      true,
    );
    const described = {
      subject: { ...asked.subject, properties: { department: 'Sales', role: 'manager' } },
      action: { ...asked.action, properties: { method: 'GET' } },
      resource: { ...asked.resource, properties: { status: 'active', owner: 'bob' } },
    };
    expect(await decide(described)).toBe(true);
    const later = {
      ...asked,
      subject: { ...asked.subject, later: 1 },
      foo: 'bar',
      futureField: { nested: true },
    };
    expect(await decide(later)).toBe(true);
  });

  it.each([
    ...['subject', 'action', 'resource'].map((name) => ({ ...question('alice', 'read'), [name]: undefined })),
    ...['subject', 'resource'].flatMap((name) => [
      { ...question('alice', 'read'), [name]: { id: 'alice' } },
      { ...question('alice', 'read'), [name]: { type: 'record' } },
      { ...question('alice', 'read'), [name]: 'alice' },
    ]),
    { ...question('alice', 'read'), action: {} },
    { ...question('alice', 'read'), action: { name: 123 } },
  ])('answers 400 to %j', async (body) => {
    expect((await root.post('/access/v1/evaluation', body)).status).toBe(400);
  });

  it('answers 400 to a body that is empty or no JSON', async () => {
    const { server } = library;
    for (const body of ['', '{"subject":']) {
      const headers = { ...basic(server.adminId, server.adminSecret), 'content-type': 'application/json' };
      const answer = await request(`${server.url}/access/v1/evaluation`, { method: 'POST', headers, body });
      expect([body, answer.status]).toEqual([body, 400]);
    }
  });

  it('decides on several questions in their order, with defaults and without', async () => {
    const both = [{ action: action('read') }, { action: action('write') }];
    const bob = { subject: subject('bob'), resource: record('record-1') };
    expect(await decideAll({ ...bob, evaluations: both })).toEqual([true, false]);
    const whole = [question('alice', 'read'), question('bob', 'write')];
    expect(await decideAll({ evaluations: whole })).toEqual([true, false]);
    const alice = { subject: subject('alice'), action: action('read'), context: { time: 'now' } };
    const records = [
      { resource: record('record-1') },
      { resource: record('record-2'), context: { source: 'batch-override' } },
    ];
    expect(await decideAll({ ...alice, evaluations: records })).toEqual([true, true]);
    expect(await decideAll({ ...alice, evaluations: [records[0], {}] })).toEqual([true, false]);
    const merged = [{ resource: { id: 'record-1', properties: { status: 'active' } } }];
    expect(await decideAll({ ...alice, resource: { type: 'record' }, evaluations: merged })).toEqual([true]);
    for (const single of [question('alice', 'read'), { ...question('alice', 'read'), evaluations: [] }])
      expect((await ask('evaluations', single)).decision).toBe(true);
  });

  it('refuses a question that cannot be read by itself', async () => {
    const { subject: bob, action: read, resource } = question('bob', 'read');
    const asked = {
      subject: bob,
      action: read,
      resource: { type: 'record', properties: { status: 'active' } },
    };
    const parts = [
      { resource: { id: 'record-1' } },
      {},
      'x',
      { resource: { type: 'record', id: 7 } },
      { resource },
    ];
    const malformed = (path: string, message = 'must be a string that is not empty') => ({
      decision: false,
      context: { reason: 'malformed', error: { status: 400, errors: [{ path, message }] } },
    });
    const granted = { decision: true, context: { reason: 'granted', policy: 'bob', rule: 0 } };
    expect((await ask('evaluations', { ...asked, evaluations: parts })).evaluations).toEqual([
      granted,
      malformed('evaluations[1].resource.id'),
      malformed('evaluations[2]', 'must be an object'),
      malformed('evaluations[3].resource.id'),
      granted,
    ]);
    const options = { evaluations_semantic: 'deny_on_first_deny' };
    expect(await decideAll({ ...asked, options, evaluations: parts.slice(1) })).toEqual([false]);
  });

  it('finds subjects, resources and actions', async () => {
    const { subject: alice, action: read, resource } = question('alice', 'read');
    const context = { time: 'now' };
    for (const body of [{ subject: { type: 'client' } }, { subject: alice, context }]) {
      const { results } = await ask('search/subject', { ...body, action: read, resource });
      expect(results).toEqual(expect.arrayContaining([subject('alice'), subject('bob')]));
    }
    const found = await ask('search/resource', { subject: alice, action: action('write'), resource });
    expect(found.results).toEqual([record('record-1')]);
    const actions = await ask('search/action', { subject: alice, resource, later: true });
    expect(actions.results).toEqual([action('read'), action('write')]);
  });

  it('names its endpoints', async () => {
    const { body } = await get(`${library.server.url}/.well-known/authzen-configuration`);
    expect(body).toMatchObject({
      policy_decision_point: library.server.publicUrl,
      access_evaluation_endpoint: `${library.server.publicUrl}/access/v1/evaluation`,
    });
  });
});

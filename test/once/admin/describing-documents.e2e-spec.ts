import { beforeAll, describe, expect, it } from 'vitest';
import { expectProblem, idsOf } from '../../admin/answers.js';
import { aCaller, allow, linkTo } from '../../admin/callers.js';
import { type Admin, admin } from '../../support/admin.js';
import { useLibrary } from '../../support/library.js';

const library = useLibrary();
let root: Admin;

beforeAll(() => {
  root = admin(library.server);
});

const DESCRIBED = {
  name: 'Nightly export',
  description: 'Copies invoices to the archive; ask before you stop it',
  owner: 'Payments team',
  labels: { team: 'payments', 'example.com/tier': 'gold', empty: '' },
};

describe('A description', () => {
  it.each([
    ['Client', {}],
    ['Resource', { operations: [] }],
    ['AccessPolicy', { engine: 'rules', link: linkTo('root'), rules: [allow('book', '1', 'read')] }],
  ])('is a member of /%s, of at most 1,000 characters, removed by null', async (type, members) => {
    const path = `/${type}/described`;
    const description = 'é'.repeat(1000);
    const written = await root.put(path, { ...members, description });
    expect(written.body.description).toBe(description);
    expect((await root.put(path, { ...members, description })).headers.get('etag')).toBe(
      written.headers.get('etag'),
    );
    expectProblem(await root.patch(path, { description: `${description}x` }), 422, ['description']);
    expect((await root.get(`/${type}?_id=described&_elements=description`)).body.entry[0].resource).toEqual({
      resourceType: type,
      id: 'described',
      description,
    });
    const { body } = await root.patch(path, { description: null });
    expect(body).not.toHaveProperty('description');
    const { detail } = (await root.get('/AuditEvent?_count=1')).body.entry[0].resource;
    expect([detail.before.description, detail.after.description]).toEqual([description, undefined]);
  });
});

describe('The description of a client', () => {
  it('is returned as it was written, and changes nothing when it is written again', async () => {
    const { body, headers } = await root.put('/Client/export', DESCRIBED);
    expect(body).toMatchObject(DESCRIBED);
    const { empty, ...others } = DESCRIBED.labels;
    const again = await root.put('/Client/export', { ...DESCRIBED, labels: { empty, ...others } });
    expect(again.headers.get('etag')).toBe(headers.get('etag'));
    expect((await root.put('/Client/export', { ...DESCRIBED, labels: {} })).body).not.toHaveProperty(
      'labels',
    );
  });

  it('is patched label by label', async () => {
    await root.put('/Client/export', DESCRIBED);
    const { body } = await root.patch('/Client/export', { labels: { team: null, zone: 'b' }, owner: null });
    expect(body.labels).toEqual({ 'example.com/tier': 'gold', empty: '', zone: 'b' });
    expect(body).not.toHaveProperty('owner');
  });

  it('gives no access: a caller without the privileges of the client may change it', async () => {
    await root.put('/Client/powerful', { grant_types: ['basic'] });
    await root.put('/AccessPolicy/powerful', {
      engine: 'rules',
      link: linkTo('powerful'),
      rules: [allow('Client', '*', '*')],
    });
    const { rest: caller } = await aCaller(library.server, 'Client:powerful:update,read');
    expect((await caller.patch('/Client/powerful', DESCRIBED)).status).toBe(200);
    expectProblem(await caller.patch('/Client/powerful', { expires_at: '2099-01-01T00:00:00Z' }), 403);
  });

  const key63 = 'k'.repeat(63);
  it.each([
    [{ [key63]: 'v'.repeat(63) }, []],
    [{ [`${'p'.repeat(253)}/k`]: '' }, []],
    [{ a: 'A.b_c-9' }, []],
    [{ [`${key63}k`]: '' }, [`labels.${key63}k`]],
    [{ [`${'p'.repeat(254)}/k`]: '' }, [`labels.${'p'.repeat(254)}/k`]],
    [{ a: 'v'.repeat(64) }, ['labels.a']],
    [{ a: 1, b: null, c: ['x'] }, ['labels.a', 'labels.b', 'labels.c']],
    [{ a: 'two words', b: '-x', c: 'x.', d: 'é' }, ['labels.a', 'labels.b', 'labels.c', 'labels.d']],
    [{ '': 'x' }, ['labels.']],
    [{ 'a/b/c': 'x' }, ['labels.a/b/c']],
    [{ '-a': 'x' }, ['labels.-a']],
    [Object.fromEntries(Array.from({ length: 64 }, (_, n) => [`k${n}`, 'x'])), []],
    [Object.fromEntries(Array.from({ length: 65 }, (_, n) => [`k${n}`, 'x'])), ['labels']],
    [['team'], ['labels']],
    ['team', ['labels']],
  ])('has labels within the limits of Kubernetes: %#', async (labels, paths) => {
    const answer = await root.put('/Client/labelled', { labels });
    if (paths.length > 0) expectProblem(answer, 422, paths);
    else expect(answer.body.labels, answer.text).toEqual(labels);
  });

  it.each(['', ' team', 'team ', 'x'.repeat(256), 'a\tb', 5])('rejects the owner %j', async (owner) => {
    expectProblem(await root.put('/Client/owned', { owner }), 422, ['owner']);
  });
});

describe('A search of clients by label and owner', () => {
  beforeAll(async () => {
    const write = (id: string, members: object) => root.put(`/Client/${id}`, members);
    await write('one', { owner: 'Finance', labels: { team: 'invoices', env: 'prod' } });
    await write('two', { owner: 'finance', labels: { team: 'invoices-eu', env: 'prod' } });
    await write('three', { labels: { teams: 'invoices', env: 'test', 'example.com/team': 'invoices' } });
    await write('four', { labels: { value: 'team', env: '' } });
  });

  const find = async (query: string) => idsOf(await root.get(`/Client?${query}`)).sort();

  it.each([
    ['label=team:invoices', ['one']],
    ['label=example.com/team:invoices', ['three']],
    ['label=teams', ['three']],
    ['label=env:prod', ['one', 'two']],
    ['label=env:', ['four']],
    ['label=env&label=value:team', ['four']],
    ['label=env:prod&label=team:invoices', ['one']],
    ['label=team:Invoices', []],
    ['label=team:in%25', []],
    ['owner=Finance', ['one']],
    ['owner=Finance%20', []],
    ['owner=', []],
  ])('finds by %s', async (query, ids) => {
    expect(await find(query)).toEqual(ids);
  });

  it.each(['', ':x', '"team"', 'a b', 'a/b/c'])('rejects the label key in %j', async (label) => {
    expectProblem(await root.get(`/Client?label=${encodeURIComponent(label)}`), 400, ['label']);
  });
});

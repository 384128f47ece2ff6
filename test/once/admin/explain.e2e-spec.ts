import { beforeAll, describe, expect, it } from 'vitest';
import { expectProblem } from '../../admin/answers.js';
import { allow, deny, linkTo } from '../../admin/callers.js';
import { type Admin, admin } from '../../support/admin.js';
import { LIBRARY, useLibrary } from '../../support/library.js';
import { aClient, aResource, register } from '../../support/registration.js';

const library = useLibrary();
let root: Admin;

beforeAll(async () => {
  root = admin(library.server);
  await aClient(library.server, 'ann').register();
  await aClient(library.server, 'all').withEverything().register();
  await aResource(library.server, 'revenue', ['read', 'write', 'print']);
  await register(library.server, 'AccessPolicy', 'ann', {
    engine: 'rules',
    link: linkTo('ann'),
    rules: [
      allow('book', '2019', '*'),
      allow('book', '*', 'read'),
      deny('book', '2020', 'read'),
      allow('revenue', '1', 'read'),
      allow('revenue', '2', 'print'),
    ],
  });
});

const explain = async (question: Record<string, unknown>, path = '$explain') => {
  const answer = await root.post(`/AccessPolicy/${path}`, { client: 'ann', ...question });
  expect(answer.status, answer.text).toBe(200);
  expect(Object.keys(answer.body)).toEqual(['items']);
  return answer.body.items;
};

describe('POST /AccessPolicy/$explain', () => {
  it('explains for each item the decision, its reason, and the rule and policy behind it', async () => {
    const scope = 'book:1:read book:2019:write book:2020:read diary:1:read a:b:c:d nothing:1:read book:1:fly';
    expect(await explain({ scope })).toMatchObject([
      { scope: 'book:1:read', granted: true, reason: 'granted', policy: 'ann', rule: 1 },
      { scope: 'book:2019:write', granted: true, reason: 'granted', policy: 'ann', rule: 0 },
      { scope: 'book:2020:read', granted: false, reason: 'denied', policy: 'ann', rule: 2 },
      { scope: 'diary:1:read', granted: false, reason: 'no_rule' },
      { scope: 'a:b:c:d', granted: false, reason: 'malformed' },
      { scope: 'nothing:1:read', granted: false, reason: 'unknown_resource' },
      { scope: 'book:1:fly', granted: false, reason: 'unknown_operation' },
    ]);
  });

  it('names policy and rule only for a decision made by one', async () => {
    for (const item of await explain({ scope: 'diary:1:read nothing:1:read a:b:c:d' })) {
      expect(item).not.toHaveProperty('policy');
      expect(item).not.toHaveProperty('rule');
    }
  });

  it('gives no index for the engine allow', async () => {
    const [item] = await explain({ client: 'all', scope: 'book:1:read' });
    expect(item).toEqual({ scope: 'book:1:read', granted: true, reason: 'granted', policy: 'all' });
    expect(await explain({ client: 'all', scope: 'Client:1:read *' })).toMatchObject([
      { scope: 'Client:1:read', granted: false, reason: 'no_rule' },
      { scope: '*', granted: true, reason: 'granted', policy: 'all' },
    ]);
  });

  it('reports denied only if an allow rule covers the item too', async () => {
    expect(await explain({ scope: 'book:2020:write' })).toMatchObject([{ reason: 'no_rule' }]);
    expect(await explain({ scope: 'book:*:read' })).toMatchObject([{ reason: 'denied', rule: 2 }]);
  });

  it('keeps the requested order and removes duplicates', async () => {
    const items = await explain({ scope: 'book:2:read  book:1:read book:2:read' });
    expect(items.map(({ scope }: { scope: string }) => scope)).toEqual(['book:2:read', 'book:1:read']);
  });

  it('reads bare names for an audience, and reports wrong_audience for other resources', async () => {
    const asked = { scope: 'read map:1:zoom book:1:read *', audience: LIBRARY };
    expect(await explain(asked)).toMatchObject([
      { scope: 'read', granted: false },
      { scope: 'map:1:zoom', reason: 'wrong_audience' },
      { scope: 'book:1:read', granted: true },
      { scope: '*', reason: 'wrong_audience' },
    ]);
    expect(await explain({ scope: 'map:1:zoom', audience: [LIBRARY, 'urn:atlas'] })).toMatchObject([
      { reason: 'no_rule' },
    ]);
    expect(await explain({ client: 'all', scope: 'turn', audience: [LIBRARY] })).toMatchObject([
      { granted: true },
    ]);
    expect(await explain({ client: 'all', scope: 'turn' })).toMatchObject([{ reason: 'unknown_resource' }]);
  });

  it.each([
    ['an id', 'ann'],
    ['a reference', 'Client/ann'],
    ['a reference with its type', { resourceType: 'Client', id: 'ann' }],
    ['a reference in the other form', { reference: 'Client/ann' }],
  ])('accepts the client as %s', async (_, client) => {
    expect(await explain({ client, scope: 'book:1:read' })).toMatchObject([{ granted: true }]);
  });

  it('answers under the percent-encoded name with 200', async () => {
    expect(await explain({ scope: 'book:1:read' }, '%24explain')).toMatchObject([{ granted: true }]);
  });

  it('suggests grantable items for a refused item, and none for a granted one', async () => {
    const [refused, granted] = await explain({ scope: 'revenue:2:read revenue:1:read' });
    expect(refused.suggest).toEqual(['revenue:1:read', 'revenue:2:print']);
    expect(granted).not.toHaveProperty('suggest');
    const [nothing] = await explain({ scope: 'diary:1:read' });
    expect(nothing).not.toHaveProperty('suggest');
    const [short] = await explain({ scope: 'revenue' });
    expect(short.suggest).toEqual(expect.arrayContaining(['revenue:1:read', 'revenue:2:print']));
  });

  it('never suggests a denied item', async () => {
    const items = await explain({ scope: 'book:2020:read book:2020:write book:*:*' });
    for (const { suggest = [] } of items) expect(suggest).not.toContain('book:2020:read');
  });

  it.each([
    ['no client', { client: undefined, scope: 'book' }, ['client']],
    ['an unknown client', { client: 'nobody', scope: 'book' }, ['client']],
    ['a client that is no id', { client: 'a b', scope: 'book' }, ['client']],
    ['a client beyond ASCII', { client: '\u{1F600}', scope: 'book' }, ['client']],
    ['a client with a space behind it', { client: 'ann ', scope: 'book' }, ['client']],
    ['a client in other letters', { client: 'ANN', scope: 'book' }, ['client']],
    ['a reference beyond ASCII', { client: { reference: 'Client/é' }, scope: 'book' }, ['client']],
    ['a reference to something else', { client: 'Resource/book', scope: 'book' }, ['client']],
    ['a client that is a number', { client: 7, scope: 'book' }, ['client']],
    ['a client that is null', { client: null, scope: 'book' }, ['client']],
    ['no scope', { scope: undefined }, ['scope']],
    ['an empty scope', { scope: '' }, ['scope']],
    ['a scope of spaces', { scope: '   ' }, ['scope']],
    ['a scope that is a list', { scope: ['book:1:read'] }, ['scope']],
    ['a scope beyond its syntax', { scope: 'böok' }, ['scope']],
    ['a scope with a quote', { scope: 'book:"1":read' }, ['scope']],
    ['an item too long', { scope: 'x'.repeat(257) }, ['scope']],
    [
      'too many items',
      { scope: Array.from({ length: 2001 }, (_, n) => `book:${n}:read`).join(' ') },
      ['scope'],
    ],
    ['an audience that is a number', { scope: 'book', audience: 7 }, ['audience']],
    ['an audience with a space', { scope: 'book', audience: 'a b' }, ['audience']],
    ['no audience in the list', { scope: 'book', audience: [] }, ['audience']],
    ['an unknown member', { scope: 'book', when: 'now' }, ['when']],
    [
      'all of that',
      { client: 'nobody', scope: 7, audience: [7], x: 1 },
      ['audience', 'client', 'scope', 'x'],
    ],
  ])('rejects %s with 422', async (_, question, paths) => {
    expectProblem(await root.post('/AccessPolicy/$explain', { client: 'ann', ...question }), 422, paths);
  });

  it('changes nothing', async () => {
    const before = await root.get('/AccessPolicy');
    await explain({ scope: 'book:1:read', policies: [{ id: 'ann', engine: 'allow', link: linkTo('ann') }] });
    expect((await root.get('/AccessPolicy')).body).toEqual(before.body);
  });
});

describe('Drafts in $explain', () => {
  const ask = (scope: string, ...policies: object[]) => explain({ scope, policies });
  const draft = (...rules: object[]) => ({ engine: 'rules', link: linkTo('ann'), rules });

  it("replaces the policy with the draft's id, and shows the current decision beside the draft's", async () => {
    const items = await ask('book:1:read diary:1:read', { id: 'ann', ...draft(allow('diary', '*', 'read')) });
    expect(items).toMatchObject([
      { scope: 'book:1:read', granted: false, granted_now: true, reason: 'no_rule' },
      { scope: 'diary:1:read', granted: true, granted_now: false, policy: 'ann', rule: 0 },
    ]);
  });

  it('adds a draft without an id, or with a new id', async () => {
    for (const id of [{}, { id: 'new-policy' }]) {
      const items = await ask('book:1:read diary:1:read', { ...id, ...draft(allow('diary', '*', 'read')) });
      expect(items).toMatchObject([
        { granted: true, granted_now: true },
        { granted: true, granted_now: false },
      ]);
    }
  });

  it('applies drafts for everyone and ignores those for other clients', async () => {
    const everyone = { engine: 'rules', everyone: true, rules: [deny('book', '*', '*')] };
    expect(await ask('book:1:read', everyone)).toMatchObject([
      { granted: false, granted_now: true, reason: 'denied' },
    ]);
    const others = { engine: 'allow', link: linkTo('all') };
    expect(await ask('diary:1:read', others)).toMatchObject([{ granted: false, granted_now: false }]);
  });

  it('removes a policy from the client if its draft does not link it', async () => {
    const moved = { id: 'ann', engine: 'allow', link: linkTo('all') };
    expect(await ask('book:1:read', moved)).toMatchObject([{ granted: false, granted_now: true }]);
  });

  it('omits drafts from a response to a request without drafts', async () => {
    const [item] = await explain({ scope: 'book:1:read' });
    expect(item).not.toHaveProperty('granted_now');
    expect((await explain({ scope: 'book:1:read', policies: [] }))[0]).toMatchObject({ granted_now: true });
  });

  it('reports the faults of drafts like those of written policies', async () => {
    const policies = [
      {
        engine: 'rules',
        link: linkTo('nobody'),
        rules: [allow('nothing', '1', 'x'), allow('book', '1', 'fly')],
      },
      { id: 'a b', engine: 'allow', everyone: true, x: 1 },
      'no policy',
      { id: 'ann', engine: 'allow', link: linkTo('ann') },
      { id: 'ann', engine: 'allow', link: linkTo('ann') },
    ];
    const answer = await root.post('/AccessPolicy/$explain', { client: 'ann', scope: 'book', policies });
    expectProblem(answer, 422, [
      'policies[0].link[0].id',
      'policies[0].rules[0].resource',
      'policies[0].rules[1].operations[0]',
      'policies[1].everyone',
      'policies[1].id',
      'policies[1].x',
      'policies[2]',
      'policies[4].id',
    ]);
  });
});

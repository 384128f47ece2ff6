import { beforeAll, describe, expect, it } from 'vitest';
import { type Admin, admin } from '../support/admin.js';
import { AUTH0, AUTHING, DIALECTS, type Dialect, NATIVE } from '../support/dialects.js';
import { ATLAS, LIBRARY, useLibrary } from '../support/library.js';
import { aClient, regrant, type TestClient } from '../support/registration.js';
import { expectProblem } from './answers.js';
import { aCaller, allow, deny, linkTo } from './callers.js';

const library = useLibrary();
let root: Admin;

beforeAll(() => {
  root = admin(library.server);
});

const difference = async (body: object, query = '', rest = root) => {
  const answer = await rest.post(`/AccessPolicy/$difference${query}`, body);
  expect(answer.status, answer.text).toBe(200);
  return answer.body;
};

/** Without rules it grants nothing. */
const policyOf = (client: TestClient, ...rules: object[]) => ({
  id: client.id,
  engine: 'rules',
  link: linkTo(client.id),
  rules: rules.length > 0 ? rules : [deny('diary', '*', '*')],
});

const scopesOf = (items: { scope: string }[]): string[] => items.map(({ scope }) => scope).sort();

describe('POST /AccessPolicy/$difference', () => {
  it('lists the permissions that clients would lose and gain, and writes nothing', async () => {
    const client = await aClient(library.server)
      .withGrant('book:*:read', 'map:*:geocode:location')
      .register();
    const before = (await root.get(`/AccessPolicy/${client.id}`)).text;
    const proposed = policyOf(client, allow('book', '1', 'read', 'write'));
    const { clients, ...counts } = await difference(proposed, '?days=0');
    expect(counts).toEqual({ lost: 2, gained: 1, clients_losing: 1, clients_gaining: 1, complete: true });
    expect(clients).toEqual([
      {
        client: { resourceType: 'Client', id: client.id },
        lost: [
          { scope: 'book:*:read', audience: LIBRARY },
          { scope: 'geocode:location', audience: ATLAS },
        ],
        gained: [{ scope: 'book:1:write', audience: LIBRARY }],
      },
    ]);
    expect((await root.get(`/AccessPolicy/${client.id}`)).text).toBe(before);
  });

  it('shows what a policy for everyone would take from each client', async () => {
    const [one, other] = [
      await aClient(library.server).withGrant('book:*:write').register(),
      await aClient(library.server).withGrant('book:7:write').register(),
    ];
    const proposed = { engine: 'rules', everyone: true, rules: [deny('book', '7', 'write')] };
    const { clients } = await difference(proposed);
    const lost = (id: string) =>
      scopesOf(clients.find(({ client }: { client: { id: string } }) => client.id === id).lost);
    expect(lost(one.id)).toEqual(['book:*:write', 'book:7:write']);
    expect(lost(other.id)).toEqual(['book:7:write']);
  });

  it('shows what writes of several types would change together', async () => {
    const client = await aClient(library.server).withGrant('book:1:read', 'book:2:read').register();
    await client.token(NATIVE, { scope: 'book:1:read' });
    const entry = [{ request: { method: 'PATCH', url: `Client/${client.id}` }, resource: { active: false } }];
    const answer = await difference({ resourceType: 'Bundle', type: 'transaction', entry });
    expect(answer).toMatchObject({ lost: 2, clients_losing: 1, replay: { requests: 1, refused: 1 } });
    const removal = [
      { request: { method: 'DELETE', url: `Client/${client.id}` } },
      { request: { method: 'PUT', url: 'Resource/book' }, resource: bookWith('read', 'write', 'lend') },
    ];
    expect(await difference({ type: 'transaction', entry: removal })).toMatchObject({ clients_losing: 1 });
    expect((await root.get(`/Client/${client.id}`)).body.active).toBe(true);
  });
});

const bookWith = (...names: string[]) => ({
  audience: LIBRARY,
  operations: names.map((name) => ({ name })),
});

/** What each dialect does with a request of which one item is refused, and how the replay calls it. */
const PARTLY = new Map<Dialect, string>([
  [NATIVE, 'narrowed'],
  [AUTHING, 'narrowed'],
  [AUTH0, 'refused'],
]);

describe('The replay of $difference', () => {
  it.each(DIALECTS)('foresees what the $name dialect answers after the change', async (dialect) => {
    const client = await aClient(library.server).withGrant('book:1:read', 'book:2:read').register();
    const both = { audience: LIBRARY, scope: 'book:1:read book:2:read' };
    const second = { audience: LIBRARY, scope: 'book:2:read' };
    for (const fields of [both, both, second]) await client.token(dialect, fields);
    await client.token(dialect, { audience: LIBRARY, scope: 'book:1:read' });
    const { replay } = await difference(policyOf(client, allow('book', '1', 'read')));
    const outcomes = new Map(
      replay.groups.map((group: { scope: string; outcome: string }) => [group.scope, group.outcome]),
    );
    const emptied = dialect === AUTHING ? 'narrowed' : 'refused';
    expect(outcomes).toEqual(
      new Map([
        [both.scope, dialect === AUTH0 ? 'refused_or_narrowed' : PARTLY.get(dialect)],
        [second.scope, emptied],
      ]),
    );
    expect(replay).toMatchObject({ requests: 4, complete: true, refused_already: 0 });
    const [group] = replay.groups;
    expect(group).toMatchObject({
      client: { resourceType: 'Client', id: client.id },
      requests: 2,
      dialect: dialect.name,
      audience: [LIBRARY],
      lost: 'book:2:read',
      address: expect.stringMatching(/127\.0\.0\.1|::1/),
    });
    expect(Date.parse(group.last)).toBeGreaterThanOrEqual(Date.parse(replay.start));
    await regrant(library.server, client, 'book:1:read');
    const after = await client.ask(dialect, both);
    expect(after.status === 200 ? after.body.scope : 'refused').toBe(
      PARTLY.get(dialect) === 'narrowed' ? 'book:1:read' : 'refused',
    );
    const { replay: again } = await difference(policyOf(client, deny('book', '*', '*')));
    expect(again.refused_already).toBe(dialect === AUTHING ? 0 : dialect === AUTH0 ? 3 : 1);
  });

  it('foresees a narrower whole grant for a request without a scope, in words of its own', async () => {
    const client = await aClient(library.server).withGrant('book:*:read', 'book:*:write').register();
    await client.token(AUTH0, { audience: LIBRARY });
    const { replay } = await difference(policyOf(client, allow('book', '*', 'write')));
    expect(replay).toMatchObject({ requests: 1, refused: 0, narrowed: 0, refused_or_narrowed: 1 });
    const named = await difference(policyOf(client, allow('page', '*', 'turn')));
    expect(named.replay).toMatchObject({ refused: 0, refused_or_narrowed: 1 });
    expect((await difference(policyOf(client))).replay).toMatchObject({ refused: 1, refused_or_narrowed: 0 });
  });

  it('reads the period that is asked for', async () => {
    const client = await aClient(library.server).withGrant('book:1:read').register();
    await client.token(NATIVE, { scope: 'book:1:read' });
    const proposed = policyOf(client, allow('book', '2', 'read'));
    const since = (milliseconds: number) => `?since=${new Date(Date.now() - milliseconds).toISOString()}`;
    expect((await difference(proposed, since(3_600_000))).replay.refused).toBe(1);
    expect((await difference(proposed, '?days=30')).replay.refused).toBe(1);
    expect((await difference(proposed, '?days=0')).replay).toBeUndefined();
    const refused = async (query: string, ...paths: string[]) =>
      expectProblem(await root.post(`/AccessPolicy/$difference${query}`, proposed), 400, paths);
    await refused('?days=31', 'days');
    await refused('?days=01', 'days');
    await refused('?days=1&days=2', 'days');
    await refused('?since=2026-11-30', 'since');
    await refused(since(-60_000), 'since');
    await refused(since(31 * 86_400_000), 'since');
    await refused(`${since(1000)}&days=1`, 'since');
  });
});

describe('A caller of $difference', () => {
  it('learns only of clients and requests that it may read', async () => {
    const [one, other] = [
      await aClient(library.server).withGrant('page:1:turn').register(),
      await aClient(library.server).withGrant('page:1:turn').register(),
    ];
    for (const client of [one, other]) await client.token(NATIVE, { scope: 'page:1:turn' });
    const grants = ['AccessPolicy:*:*', 'page:*:*', `Client:${one.id}:read`];
    const proposed = {
      type: 'transaction',
      entry: [one, other].map(({ id }) => ({ request: { method: 'DELETE', url: `AccessPolicy/${id}` } })),
    };
    const without = await aCaller(library.server, ...grants);
    const seen = await difference(proposed, '', without.rest);
    expect(seen).toMatchObject({ lost: 1, clients_losing: 1, restricted: true });
    expect(seen.clients.map(({ client }: { client: { id: string } }) => client.id)).toEqual([one.id]);
    expect(seen).not.toHaveProperty('replay');
    const reader = await aCaller(library.server, ...grants, `Session:${other.id}:read`);
    const { replay } = await difference(proposed, '', reader.rest);
    expect(replay).toMatchObject({ requests: 0, refused: 0, groups: [], restricted: true });
    const both = await aCaller(library.server, ...grants, `Session:${one.id}:read`);
    expect((await difference(proposed, '', both.rest)).replay).toMatchObject({ requests: 1, refused: 1 });
  });

  it('is refused what a write would refuse, with the paths of its document', async () => {
    const client = await aClient(library.server).withGrant('book:1:read').register();
    const wrong = policyOf(client, allow('book', '1', 'raed'), allow('boo', '1', 'read'));
    expectProblem(await root.post('/AccessPolicy/$difference', wrong), 422, [
      'rules[0].operations[0]',
      'rules[1].resource',
    ]);
    expectProblem(await root.post('/AccessPolicy/$difference', { resourceType: 'Client' }), 422, [
      'resourceType',
    ]);
    const { rest } = await aCaller(library.server, 'AccessPolicy:*:*');
    expectProblem(
      await rest.post('/AccessPolicy/$difference', policyOf(client, allow('book', '*', 'read'))),
      403,
    );
    const viewer = await aCaller(library.server, 'AccessPolicy:*:read');
    expectProblem(await viewer.rest.post('/AccessPolicy/$difference', policyOf(client)), 403);
  });
});

import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { linkTo } from '../../admin/callers.js';
import { type Admin, admin } from '../../support/admin.js';
import { AUTHING, DIALECTS, type Dialect } from '../../support/dialects.js';
import { LIBRARY, useLibrary } from '../../support/library.js';
import { aClient, type TestClient } from '../../support/registration.js';

const RUNS = 15;
const ITEMS = ['book', 'page'].flatMap((resource) =>
  ['1', '2', '*'].flatMap((identifier) =>
    ['read', 'turn', 'write'].map((name) => `${resource}:${identifier}:${name}`),
  ),
);
const SCOPES = ['book:1:read book:2:read', 'book:*:write page:1:turn', 'page:1:read', 'read'];

const library = useLibrary();
let root: Admin;

beforeAll(() => {
  root = admin(library.server);
});

const aRule = fc.oneof(
  ...Object.entries({ book: ['read', 'write'], page: ['read', 'turn'] }).map(([resource, operations]) =>
    fc.record({
      effect: fc.constantFrom('allow', 'allow', 'allow', 'deny'),
      resource: fc.constant(resource),
      identifier: fc.constantFrom('1', '2', '*', '*'),
      operations: fc.constantFrom([operations[0]], [operations[1]], ['*']),
    }),
  ),
);
const rules = fc.array(aRule, { minLength: 1, maxLength: 4 });

/** What `$explain` grants. */
async function grantedTo(client: TestClient): Promise<Set<string>> {
  const { body } = await root.post('/AccessPolicy/$explain', { client: client.id, scope: ITEMS.join(' ') });
  const granted = body.items.filter((item: { granted: boolean }) => item.granted);
  return new Set(granted.map(({ scope }: { scope: string }) => scope));
}

/** The scopes that every request is granted, by dialect and requested scope; undefined: it is refused. */
async function answersFor(client: TestClient): Promise<Map<string, string | undefined>> {
  const answers = new Map<string, string | undefined>();
  for (const dialect of DIALECTS) {
    for (const scope of SCOPES) {
      const { status, body } = await client.ask(dialect, { audience: LIBRARY, scope });
      answers.set(keyOf(dialect.name, scope), status === 200 ? body.scope : undefined);
    }
  }
  return answers;
}

const keyOf = (dialect: string, scope: string) => `${dialect} ${scope}`;

interface Group {
  dialect: Dialect['name'];
  scope: string;
  requests: number;
  outcome: string;
}

/** How a request for what was granted before is answered now. */
async function outcomeNow(client: TestClient, { dialect, scope }: Pick<Group, 'dialect' | 'scope'>) {
  const at = DIALECTS.find(({ name }) => name === dialect) ?? AUTHING;
  const { status, body } = await client.ask(at, { audience: LIBRARY, scope });
  if (status !== 200) return 'refused';
  return body.scope === scope ? 'same' : 'narrowed';
}

const without = (one: ReadonlySet<string>, other: ReadonlySet<string>) =>
  [...one].filter((item) => !other.has(item)).sort();

describe('The foreseen difference of random policies', () => {
  it('is what $explain and the token endpoints answer before and after', async () => {
    const samples = fc.sample(fc.tuple(rules, rules), RUNS);
    let refused = 0;
    for (const [before, after] of samples) {
      const client = await aClient(library.server).register();
      const policyOf = (given: object[]) => ({ engine: 'rules', link: linkTo(client.id), rules: given });
      await root.put(`/AccessPolicy/${client.id}`, policyOf(before));
      const had = await grantedTo(client);
      const answers = await answersFor(client);
      const proposed = { ...policyOf(after), id: client.id };
      const { body } = await root.post('/AccessPolicy/$difference', proposed);
      const { replay } = body;
      await root.put(`/AccessPolicy/${client.id}`, policyOf(after));
      const has = await grantedTo(client);
      const [entry = { lost: [], gained: [] }] = body.clients;
      const named = (items: { scope: string }[]) =>
        items
          .map(({ scope }) => scope)
          .filter((scope) => ITEMS.includes(scope))
          .sort();
      const isForeseen = (item: string) =>
        item.split(':')[1] === '*' || namesIdentifier([...before, ...after], item);
      expect(named(entry.lost)).toEqual(without(had, has).filter(isForeseen));
      expect(named(entry.gained)).toEqual(without(has, had).filter(isForeseen));
      expect(replay.requests).toBe([...answers.values()].filter((scope) => scope !== undefined).length);
      const foreseen = new Map<string, string>(
        replay.groups.map((group: Group) => [keyOf(group.dialect, group.scope), group.outcome]),
      );
      for (const [key, scope] of answers) {
        const dialect = key.split(' ', 1)[0] as Dialect['name'];
        if (!scope) continue;
        const expected = foreseen.get(keyOf(dialect, scope)) ?? 'same';
        // The request names its scope.
        const outcome = expected === 'refused_or_narrowed' ? 'refused' : expected;
        expect([key, await outcomeNow(client, { dialect, scope })]).toEqual([key, outcome]);
        refused += Number(outcome === 'refused');
      }
    }
    expect(refused).toBeGreaterThan(RUNS);
  });
});

/** Rules decide alike on all identifiers that none of them names. */
const namesIdentifier = (given: { resource: string; identifier: string }[], item: string): boolean =>
  given.some(({ resource, identifier }) => item.startsWith(`${resource}:${identifier}:`));

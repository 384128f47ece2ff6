import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Catalog } from '../resources/catalog.js';
import type { Resource } from '../resources/resource.js';
import { atOnce } from '../runtime/slices.js';
import { CompiledPolicies } from './compiled-policies.js';
import { decide } from './decision.js';
import type { Policy, Rule } from './policy.js';
import { wholeGrant } from './whole-grant.js';

const OWN = 'https://login.example/';
const OWN_TYPES = ['Client', 'Session'];
const RESOURCES = ['a', 'b', 'c'];
const IDENTIFIERS = ['1', '2'];
const OPERATIONS = ['read', 'write', 'a:1:read', 'a'];
const AUDIENCES = [OWN, 'urn:x', 'urn:y', 'urn:nobody'];

/** Everything there is, and one of each that no policy names: a request for `*` includes that too. */
const UNIVERSE = [...RESOURCES, ...OWN_TYPES, 'another'].flatMap((resource) =>
  [...IDENTIFIERS, 'a', 'read', 'ghost', 'another'].flatMap((identifier) =>
    [...OPERATIONS, 'update', 'another'].map((operation) => [resource, identifier, operation] as const),
  ),
);

type Place = { resource: string; identifier: string; operation: string };

/** Section 4 read word by word: an item is everything that it means, and rules are compared thing by thing. */
const meaning = ({ resource, identifier, operation }: Place) =>
  UNIVERSE.filter(
    ([r, i, o]) =>
      (resource === '*' ? !OWN_TYPES.includes(r) : resource === r) &&
      (identifier === '*' || identifier === i) &&
      (operation === '*' || operation === o),
  );

function naivelyGranted(policies: readonly Policy[], item: Place): boolean {
  const rules = policies.flatMap(({ engine, rules }) =>
    engine === 'allow'
      ? [{ effect: 'allow' as const, resource: '*', identifier: '*', operations: ['*'] }]
      : rules,
  );
  const things = meaning(item);
  const reached = (rule: Rule) =>
    new Set(
      rule.operations.flatMap((operation) => meaning({ ...rule, operation })).map((thing) => thing.join(' ')),
    );
  const some = (effect: Rule['effect'], test: (reach: Set<string>) => boolean) =>
    rules.some((rule) => rule.effect === effect && test(reached(rule)));
  const allowed = some('allow', (reach) => things.every((thing) => reach.has(thing.join(' '))));
  return allowed && !some('deny', (reach) => things.some((thing) => reach.has(thing.join(' '))));
}

function naivelyParsed(text: string): Place | undefined {
  const match = /^(\*|[^*:]+)(?::(\*|[^*:]+))?(?::(\*|[^*:]+))?$/.exec(text);
  if (!match) return undefined;
  const [, resource = '', second = '*', third] = match;
  return third === undefined
    ? { resource, identifier: '*', operation: second }
    : { resource, identifier: second, operation: third };
}

function naive(
  policies: readonly Policy[],
  text: string,
  resources: readonly Resource[],
  audiences?: string[],
) {
  const inAudience = ({ audience }: Resource) => !audiences || audiences.includes(audience ?? OWN);
  const has = (name: string) => (one: Resource) =>
    one.operations.some((operation) => operation.name === name);
  const named = audiences ? resources.filter((one) => inAudience(one) && has(text)(one)) : [];
  const item = naivelyParsed(text);
  const meant = item
    ? resources.filter(({ id }) => (item.resource === '*' ? !OWN_TYPES.includes(id) : id === item.resource))
    : [];
  if (named.length > 0) {
    const isOfAnother = named.some(({ id }) => id !== item?.resource);
    const isRead =
      item &&
      (item.resource === '*' ||
        (meant.length > 0 && (isOfAnother || item.operation === '*' || meant.some(has(item.operation)))));
    return (
      named.every(({ id }) => naivelyGranted(policies, { resource: id, identifier: '*', operation: text })) &&
      (!isRead || naivelyGranted(policies, item))
    );
  }
  if (!item) return false;
  const { resource } = item;
  if (resource !== '*' && meant.length === 0) return false;
  if (item.operation !== '*' && !meant.some(has(item.operation))) return false;
  if (audiences && (resource === '*' || !meant.every(inAudience))) return false;
  return naivelyGranted(policies, item);
}

const aRule = fc.record<Rule>({
  effect: fc.constantFrom('allow', 'allow', 'deny'),
  resource: fc.constantFrom(...RESOURCES, 'Client', '*', '*'),
  identifier: fc.constantFrom(...IDENTIFIERS, '*', '*'),
  operations: fc.uniqueArray(fc.constantFrom(...OPERATIONS, '*', '*'), { minLength: 1, maxLength: 3 }),
});

const aPolicy = fc
  .record({
    engine: fc.constantFrom<Policy['engine']>('rules', 'rules', 'rules', 'rules', 'allow'),
    rules: fc.array(aRule, { maxLength: 4 }),
  })
  .map(
    ({ engine, rules }): Policy => ({
      ...{
        id: '',
        version: 1,
        createdAt: 0,
        updatedAt: 0,
        everyone: false,
        exceptIds: [],
        clientIds: ['client'],
      },
      engine,
      rules: engine === 'allow' ? [] : rules,
    }),
  );

const somePolicies = fc
  .array(aPolicy, { maxLength: 3 })
  .map((policies) => policies.map((policy, position) => ({ ...policy, id: `p${position}` })));

const resourceOf = (id: string, audience: string | null, operations: readonly string[]): Resource => ({
  ...{
    id,
    audience,
    version: 1,
    createdAt: 0,
    updatedAt: 0,
    name: null,
    introspectionClients: [],
    token: {},
  },
  operations: operations.map((name) => ({ name })),
});

const someResources = fc
  .tuple(
    ...RESOURCES.map((id) =>
      fc
        .tuple(fc.constantFrom(null, 'urn:x', 'urn:x', 'urn:y'), fc.subarray(OPERATIONS, { minLength: 1 }))
        .map(([audience, operations]) => resourceOf(id, audience, operations)),
    ),
  )
  .map((resources) => [...OWN_TYPES.map((id) => resourceOf(id, null, ['read', 'update'])), ...resources]);

const segment = fc.constantFrom('a', 'read', 'ghost', '*', '1', 'a*', '');
const anItem = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(
        fc.constantFrom(...RESOURCES, '*', 'Client'),
        fc.constantFrom(...IDENTIFIERS, '*'),
        fc.constantFrom(...OPERATIONS, '*'),
      )
      .map((parts) => parts.join(':')),
  },
  { weight: 2, arbitrary: fc.constantFrom(...OPERATIONS) },
  { weight: 2, arbitrary: fc.array(segment, { minLength: 1, maxLength: 4 }).map((parts) => parts.join(':')) },
);
const someItems = fc.array(anItem, { minLength: 1, maxLength: 6 });
const someAudiences = fc.option(fc.subarray(AUDIENCES, { minLength: 1 }), { nil: undefined });

const aCase = fc.record({
  policies: somePolicies,
  resources: someResources,
  items: someItems,
  audiences: someAudiences,
});

interface Case {
  policies: Policy[];
  resources: Resource[];
  items: string[];
  audiences: string[] | undefined;
}

const MAX_LISTED = { index: 0, list: 100 };

/** A few rules are looked through, many have an index: each of them decides, by the same rule. */
function grantedOf({ policies, resources, items, audiences }: Case): boolean[] {
  const catalog = new Catalog(resources, OWN);
  const context = audiences ? { catalog, audiences } : { catalog };
  const decided = decide(new CompiledPolicies(policies, MAX_LISTED.list), items, context);
  expect(decide(new CompiledPolicies(policies, MAX_LISTED.index), items, context)).toEqual(decided);
  return decided.map(({ granted }) => granted);
}

const withRule = ({ policies, ...rest }: Case, rule: Rule): Case => ({
  ...rest,
  policies: [...policies, { ...(policies[0] as Policy), id: 'added', engine: 'rules', rules: [rule] }],
});

describe('The decision', () => {
  it('equals section 4 read word by word', { timeout: 60_000 }, () => {
    let granted = 0;
    const check = fc.property(aCase, (one) => {
      const naively = one.items.map((item) => naive(one.policies, item, one.resources, one.audiences));
      granted += naively.filter(Boolean).length;
      expect(grantedOf(one)).toEqual(naively);
    });
    fc.assert(check, { numRuns: 10_000 });
    // The cases must be worth their name: neither all refused nor all granted.
    expect(granted).toBeGreaterThan(2000);
  });

  it('never grants more because of one more deny rule, nor less because of one more allow rule', () => {
    const check = fc.property(aCase, aRule, (one, rule) => {
      const before = grantedOf(one);
      const denied = grantedOf(withRule(one, { ...rule, effect: 'deny' }));
      const allowed = grantedOf(withRule(one, { ...rule, effect: 'allow' }));
      expect(denied.every((granted, position) => !granted || before[position])).toBe(true);
      expect(allowed.every((granted, position) => granted || !before[position])).toBe(true);
    });
    fc.assert(check, { numRuns: 3000 });
  });

  it('does not depend on the order of policies, of rules, or of the other items', () => {
    const check = fc.property(aCase, fc.infiniteStream(fc.nat()), (one, numbers) => {
      const shuffled = <T>(list: readonly T[]): T[] =>
        list
          .map((value) => ({ value, key: numbers.next().value }))
          .sort((a, b) => a.key - b.key)
          .map(({ value }) => value);
      const policies = shuffled(one.policies).map((policy, position) => ({
        ...policy,
        id: `q${position}`,
        rules: shuffled(policy.rules),
      }));
      const alone = one.items.flatMap((item) => grantedOf({ ...one, policies, items: [item] }));
      expect(alone).toEqual(grantedOf(one));
    });
    fc.assert(check, { numRuns: 2000 });
  });

  it('grants nothing without an allow rule', () => {
    const check = fc.property(aCase, (one) => {
      const policies = one.policies.map((policy) => ({
        ...policy,
        engine: 'rules' as const,
        rules: policy.rules.map((rule) => ({ ...rule, effect: 'deny' as const })),
      }));
      expect(grantedOf({ ...one, policies })).toEqual(one.items.map(() => false));
    });
    fc.assert(check, { numRuns: 1000 });
  });

  it('makes a whole grant of items that it grants one by one, each once', () => {
    const check = fc.property(aCase, fc.subarray(AUDIENCES, { minLength: 1 }), (one, audiences) => {
      const catalog = new Catalog(one.resources, OWN);
      const [items, listed] = [MAX_LISTED.index, MAX_LISTED.list].map((most) =>
        atOnce(wholeGrant(new CompiledPolicies(one.policies, most), catalog, audiences)),
      ) as [string[], string[]];
      expect(listed).toEqual(items);
      expect(new Set(items).size).toBe(items.length);
      expect(items.filter((item) => item.startsWith('*'))).toEqual([]);
      expect(grantedOf({ ...one, items, audiences })).toEqual(items.map(() => true));
    });
    fc.assert(check, { numRuns: 3000 });
  });
});

import { describe, expect, it } from 'vitest';
import { OWN_TYPES } from '../../packages/protocol/src/own-type.js';
import { Catalog } from '../resources/catalog.js';
import type { Resource } from '../resources/resource.js';
import { CompiledPolicies } from './compiled-policies.js';
import { decide } from './decision.js';
import type { Policy, Rule } from './policy.js';

const OWN = 'https://login.example/';

const resource = (id: string, operations: string[], audience: string | null = null): Resource => ({
  id,
  audience,
  operations: operations.map((name) => ({ name })),
  version: 1,
  createdAt: 0,
  updatedAt: 0,
  name: null,
  introspectionClients: [],
  token: {},
});

const policy = (id: string, rules: Rule[], engine: Policy['engine'] = 'rules'): Policy => ({
  id,
  engine,
  rules,
  version: 1,
  createdAt: 0,
  updatedAt: 0,
  everyone: false,
  exceptIds: [],
  clientIds: ['client'],
});

/** A rule as one word: `+book:1:read,write` allows, `-book:*:read` denies. */
function rule(text: string): Rule {
  const [places, operations] = [text.slice(1).split(':', 2), text.slice(1).split(':').slice(2).join(':')];
  return {
    effect: text.startsWith('+') ? 'allow' : 'deny',
    resource: places[0]!,
    identifier: places[1]!,
    operations: operations.split(','),
  };
}

const catalog = new Catalog(
  [
    ...OWN_TYPES.map((type) => resource(type, ['read', 'create', 'update', 'delete'])),
    resource('article', ['read', 'write'], 'urn:press'),
    resource('book', ['read', 'write', 'read:aloud', 'article'], 'urn:library'),
    resource('diary', ['read']),
    resource('page', ['read', 'turn'], 'urn:library'),
  ],
  OWN,
);

function reasons(rules: string[], items: string[], audiences?: string[]): string[] {
  const policies = new CompiledPolicies([policy('p', rules.map(rule))]);
  return decide(policies, items, audiences ? { catalog, audiences } : { catalog }).map(
    ({ reason }) => reason,
  );
}

const reason = (rules: string[], item: string, audiences?: string[]) => reasons(rules, [item], audiences)[0];

const EVERYTHING = '+*:*:*';

describe('decide', () => {
  it.each([
    [['+book:1:read'], 'book:1:read', 'granted'],
    [['+book:*:*'], 'book', 'granted'],
    [['+book:*:*'], 'book:*', 'granted'],
    [['+book:*:read'], 'book:read', 'granted'],
    [['+book:1:*'], 'book:1', 'unknown_operation'],
    [['+book:*:read'], 'book:*', 'no_rule'],
    [[EVERYTHING], '*', 'granted'],
    [[EVERYTHING], '*:*', 'granted'],
    [[EVERYTHING], '*:*:*', 'granted'],
    [[EVERYTHING], '*:read', 'granted'],
    [['+book:*:*', '+page:*:*', '+article:*:*', '+diary:*:*'], '*', 'no_rule'],
  ])('with %j, %s is %s: the shorter forms are read as the longer ones', (rules, item, expected) => {
    expect(reason(rules, item)).toBe(expected);
  });

  it('refuses what is outside the grammar, even to who may do everything', () => {
    const items = ['book::read', 'book:1:read:x', '::', 'book:1:', ':1:read', 'boo*', 'book:1*:read', '**'];
    expect(reasons([EVERYTHING], items)).toEqual(items.map(() => 'malformed'));
  });

  it('refuses resources and operations that are not registered, even to who may do everything', () => {
    expect(reason([EVERYTHING], 'ghost:1:read')).toBe('unknown_resource');
    expect(reason([EVERYTHING], 'book:1:fly')).toBe('unknown_operation');
    expect(reason([EVERYTHING], 'page:1:write')).toBe('unknown_operation');
    expect(reason([EVERYTHING], '*:fly')).toBe('unknown_operation');
    expect(reason([EVERYTHING], 'Book:1:read')).toBe('unknown_resource');
  });

  it('wants one allow rule that covers all of the item: * is covered only by *', () => {
    expect(reason(['+book:1:read'], 'book:2:read')).toBe('no_rule');
    expect(reason(['+book:1:read'], 'book:*:read')).toBe('no_rule');
    expect(reason(['+book:1:read'], 'book:1:*')).toBe('no_rule');
    expect(reason(['+book:*:read,write,read:aloud,article'], 'book:*:*')).toBe('no_rule');
    expect(reason(['+book:1:read', '+book:2:read'], 'book:*:read')).toBe('no_rule');
    expect(reason(['+*:1:read'], 'book:1:read')).toBe('granted');
  });

  it('refuses an item that a deny rule touches in any part', () => {
    expect(reason([EVERYTHING, '-book:1:read'], 'book:1:read')).toBe('denied');
    expect(reason([EVERYTHING, '-book:1:read'], 'book:*:read')).toBe('denied');
    expect(reason([EVERYTHING, '-book:1:read'], 'book:1:*')).toBe('denied');
    expect(reason([EVERYTHING, '-book:1:read'], '*')).toBe('denied');
    expect(reason([EVERYTHING, '-book:*:read'], 'book:7:read')).toBe('denied');
    expect(reason([EVERYTHING, '-*:1:*'], 'book:1:read')).toBe('denied');
    expect(reason([EVERYTHING, '-book:1:read'], 'book:2:read')).toBe('granted');
    expect(reason([EVERYTHING, '-book:1:read'], 'book:1:write')).toBe('granted');
    expect(reason([EVERYTHING, '-book:1:read'], 'page:1:read')).toBe('granted');
  });

  it('says no_rule, not denied, when no allow rule covers the item', () => {
    expect(reason(['-book:1:read'], 'book:1:read')).toBe('no_rule');
  });

  it('gives nothing without a policy', () => {
    expect(decide(new CompiledPolicies([]), ['book:1:read', '*'], { catalog })).toEqual([
      { scope: 'book:1:read', granted: false, reason: 'no_rule' },
      { scope: '*', granted: false, reason: 'no_rule' },
    ]);
  });

  it.each(['allow', 'deny'] as const)(
    'never looks through the operations of an %s rule that has many',
    (effect) => {
      const operations = Array.from({ length: 33 }, (_, number) => `operation-${number}`);
      operations.some = () => {
        throw new Error('looked through');
      };
      const many: Rule = { effect, resource: 'book', identifier: '*', operations };
      const compiled = new CompiledPolicies([
        policy('p', [many, ...(effect === 'deny' ? [rule(EVERYTHING)] : [])]),
      ]);
      const asked = { resource: 'book', identifier: '1' };
      expect(compiled.grants({ ...asked, operation: 'operation-32' })).toBe(effect === 'allow');
      expect(compiled.grants({ ...asked, operation: 'read' })).toBe(effect === 'deny');
    },
  );

  it("means by * in the resource's place, and by the engine allow, nothing of the server's own", () => {
    for (const type of OWN_TYPES) {
      expect(reason([EVERYTHING], `${type}:*:read`)).toBe('no_rule');
      expect(reason([`+${type}:*:*`], `${type}:1:read`)).toBe('granted');
      expect(reason([`+${type}:*:*`, '-*:*:*'], `${type}:1:read`)).toBe('granted');
      expect(reason([EVERYTHING, `-${type}:*:*`], '*')).toBe('granted');
    }
    const allowAll = new CompiledPolicies([policy('all', [], 'allow')]);
    expect(decide(allowAll, ['*', 'book:1:read', 'Client:*:read'], { catalog })).toEqual([
      { scope: '*', granted: true, reason: 'granted', policy: 'all' },
      { scope: 'book:1:read', granted: true, reason: 'granted', policy: 'all' },
      { scope: 'Client:*:read', granted: false, reason: 'no_rule' },
    ]);
  });

  it('answers each item by itself, verbatim, with the policy and the index of the rule that decided', () => {
    const policies = new CompiledPolicies([
      policy('b', [rule('+book:1:read'), rule('-page:*:turn')]),
      policy('a', [rule('+article:*:read'), rule('+page:*:*')]),
    ]);
    expect(decide(policies, ['page:turn', 'book:1:read', 'article:read', 'page:*'], { catalog })).toEqual([
      { scope: 'page:turn', granted: false, reason: 'denied', policy: 'b', rule: 1 },
      { scope: 'book:1:read', granted: true, reason: 'granted', policy: 'b', rule: 0 },
      { scope: 'article:read', granted: true, reason: 'granted', policy: 'a', rule: 0 },
      { scope: 'page:*', granted: false, reason: 'denied', policy: 'b', rule: 1 },
    ]);
  });
});

describe('decide, with an audience', () => {
  it('reads what equals the name of an operation as that operation', () => {
    expect(reason(['+book:*:write'], 'write', ['urn:library'])).toBe('granted');
    expect(reason(['+book:*:read:aloud'], 'read:aloud', ['urn:library'])).toBe('granted');
    expect(reason(['+book:1:write'], 'write', ['urn:library'])).toBe('no_rule');
    expect(reason(['+book:*:write', '-book:1:write'], 'write', ['urn:library'])).toBe('denied');
  });

  it('grants a name only if it is granted on each of those resources that has it', () => {
    expect(reason(['+book:*:read'], 'read', ['urn:library'])).toBe('no_rule');
    expect(reason(['+book:*:read', '+page:*:read'], 'read', ['urn:library'])).toBe('granted');
    expect(reason(['+book:*:read', '+page:*:read', '-page:3:*'], 'read', ['urn:library'])).toBe('denied');
    expect(reason(['+page:*:turn'], 'turn', ['urn:library'])).toBe('granted');
    expect(reason(['+book:*:read', '+page:*:read'], 'read', ['urn:library', 'urn:press'])).toBe('no_rule');
  });

  it('tries the grammar for what equals no name', () => {
    expect(reason(['+book:1:read'], 'book:1:read', ['urn:library'])).toBe('granted');
    expect(reason(['+article:*:*'], 'article', ['urn:press'])).toBe('granted');
    expect(reason(['+article:*:*'], 'article', ['urn:library', 'urn:press'])).toBe('no_rule');
  });

  it('grants a name with two readings only with both, and denies it by either (fault A1)', () => {
    const both = ['+book:*:article', '+article:*:*'];
    expect(reason(['+book:*:article'], 'article', ['urn:library', 'urn:press'])).toBe('no_rule');
    expect(reason(['+book:*:article'], 'article', ['urn:library'])).toBe('no_rule');
    expect(reason(['+article:*:*'], 'article', ['urn:library'])).toBe('no_rule');
    expect(reason(both, 'article', ['urn:library'])).toBe('granted');
    expect(reason([...both, '-article:7:write'], 'article', ['urn:library'])).toBe('denied');
    expect(reason([...both, '-book:7:article'], 'article', ['urn:library'])).toBe('denied');
  });

  it("grants only those resources' items; * is not one", () => {
    expect(reason([EVERYTHING], 'article:1:read', ['urn:library'])).toBe('wrong_audience');
    expect(reason([EVERYTHING], 'diary:1:read', ['urn:library'])).toBe('wrong_audience');
    expect(reason([EVERYTHING], '*', ['urn:library'])).toBe('wrong_audience');
    expect(reason([EVERYTHING], '*:read', ['urn:library'])).toBe('wrong_audience');
    expect(reason([EVERYTHING], 'book:1:read', ['urn:nobody'])).toBe('wrong_audience');
    expect(reason([EVERYTHING], 'book:1:read', ['urn:press', 'urn:library'])).toBe('granted');
  });

  it("gives a resource without an audience, and the six types, to the server's own", () => {
    expect(reason([EVERYTHING], 'diary:1:read', [OWN])).toBe('granted');
    expect(reason(['+Client:*:*'], 'Client:1:update', [OWN])).toBe('granted');
    expect(reason([EVERYTHING], 'book:1:read', [OWN])).toBe('wrong_audience');
    expect(reason([EVERYTHING], 'read', [OWN])).toBe('no_rule');
  });

  it('reads no bare name without an audience', () => {
    expect(reason([EVERYTHING], 'write')).toBe('unknown_resource');
    expect(reason([EVERYTHING], 'read:aloud')).toBe('unknown_resource');
  });
});

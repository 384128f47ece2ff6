import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ScopeItem } from '../../../packages/protocol/src/scope-item.js';
import type { ScopeUse } from '../../clients/scope-use/scope-use.js';
import { CompiledPolicies } from '../../policies/compiled-policies.js';
import type { Policy, Rule } from '../../policies/policy.js';
import { Catalog } from '../../resources/catalog.js';
import type { Resource } from '../../resources/resource.js';
import { atOnce } from '../../runtime/slices.js';
import { isSame, narrowedRules } from './narrowed-policy.js';

const NAMES = ['read', 'write', 'move'];
const RESOURCES = ['book', 'page'];
const IDENTIFIERS = ['1', '2', '3'];

const catalog = new Catalog(
  RESOURCES.map(
    (id) => ({ id, operations: NAMES.map((name) => ({ name })), token: {} }) as unknown as Resource,
  ),
  'https://own.example/',
);

const aRule = fc.record({
  effect: fc.constantFrom('allow' as const, 'allow' as const, 'deny' as const),
  resource: fc.constantFrom(...RESOURCES, '*', 'Client'),
  identifier: fc.constantFrom(...IDENTIFIERS, '*'),
  operations: fc.uniqueArray(fc.constantFrom(...NAMES, '*'), { minLength: 1, maxLength: 2 }),
}) satisfies fc.Arbitrary<Rule>;

const aPolicy = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.array(aRule, { minLength: 1, maxLength: 6 }).map((rules) => policyOf('rules', rules)),
  },
  { weight: 1, arbitrary: fc.constant(policyOf('allow', [])) },
);

function policyOf(engine: Policy['engine'], rules: Rule[]): Pick<Policy, 'id' | 'engine' | 'rules'> {
  return { id: 'p', engine, rules };
}

/** Every item that could be checked, and one that no rule names. */
const ITEMS: ScopeItem[] = [...RESOURCES, 'Client'].flatMap((resource) =>
  [...IDENTIFIERS, '4', '*'].flatMap((identifier) =>
    [...NAMES, '*'].map((operation) => ({ resource, identifier, operation })),
  ),
);

const useOf = (item: ScopeItem): ScopeUse => ({
  ...item,
  clientId: 'c',
  folded: false,
  firstUsedAt: 1,
  lastUsedAt: 1,
  verified: 1,
  introspected: 0,
});

describe('The narrowed rules of a policy', () => {
  it('grant of its items exactly those that a used one covers', () => {
    fc.assert(
      fc.property(aPolicy, fc.array(fc.nat(), { maxLength: 5 }), (policy, chosen) => {
        const before = new CompiledPolicies([policy]);
        const granted = ITEMS.filter(({ resource }) => resource !== 'Client').filter((item) =>
          before.grants(item),
        );
        const used = granted.length > 0 ? chosen.map((n) => granted[n % granted.length] as ScopeItem) : [];
        const rules = atOnce(narrowedRules(policy, used.map(useOf), catalog));
        const after = new CompiledPolicies([{ ...policy, engine: 'rules', rules }]);
        const covered = new CompiledPolicies([
          {
            ...policyOf(
              'rules',
              used.map(({ operation, ...place }) => ({ effect: 'allow', ...place, operations: [operation] })),
            ),
          },
        ]);
        for (const item of ITEMS) {
          const expected = item.resource === 'Client' ? before.grants(item) : covered.grants(item);
          expect([item, after.grants(item)]).toEqual([item, before.grants(item) && expected]);
        }
        expect(
          isSame(rules, atOnce(narrowedRules({ engine: 'rules', rules }, used.map(useOf), catalog))),
        ).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('keep all that something of unknown extent can have been', () => {
    const rule = (identifier: string, operation: string, resource = 'book'): Rule => ({
      effect: 'allow',
      resource,
      identifier,
      operations: [operation],
    });
    const policy = policyOf('rules', [rule('1', 'read'), rule('2', 'write'), rule('*', 'move', 'page')]);
    const narrowed = (use: Partial<ScopeUse>) =>
      atOnce(
        narrowedRules(
          policy,
          [{ ...useOf({ resource: 'book', identifier: '*', operation: 'read' }), folded: true, ...use }],
          catalog,
        ),
      );
    expect(narrowed({})).toEqual([rule('1', 'read')]);
    expect(narrowed({ operation: '*' })).toEqual([rule('1', 'read'), rule('2', 'write')]);
    expect(isSame(narrowed({ operation: '*', resource: '*' }), policy.rules)).toBe(true);
    expect(narrowed({ resource: 'removed' })).toEqual([]);
    expect(narrowed({ operation: 'removed' })).toEqual([]);
  });
});

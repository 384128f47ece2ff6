import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isOwnType } from '../../../packages/protocol/src/own-type.js';
import { formatScopeItem } from '../../../packages/protocol/src/scope-item.js';
import { type Client, permitsAudience } from '../../clients/client.js';
import { CompiledPolicies } from '../../policies/compiled-policies.js';
import { decide } from '../../policies/decision.js';
import type { Policy, Rule } from '../../policies/policy.js';
import { Catalog } from '../../resources/catalog.js';
import type { Resource } from '../../resources/resource.js';
import { atOnce } from '../../runtime/slices.js';
import { type ClientDifference, differenceFor } from './client-difference.js';
import type { Standing } from './configurations.js';

const OPERATIONS = ['read', 'write'];
const IDENTIFIERS = ['1', '2', '*'];
const AUDIENCES = ['urn:a', 'urn:b'];

const aRule = fc.record({
  effect: fc.constantFrom('allow' as const, 'allow' as const, 'deny' as const),
  resource: fc.constantFrom('book', 'page', '*', 'Client'),
  identifier: fc.constantFrom(...IDENTIFIERS),
  operations: fc.uniqueArray(fc.constantFrom(...OPERATIONS, '*', 'see:all'), { minLength: 1, maxLength: 2 }),
}) satisfies fc.Arbitrary<Rule>;

const aPolicy = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.array(aRule, { maxLength: 4 }).map((rules) => ({ engine: 'rules' as const, rules })),
  },
  { weight: 1, arbitrary: fc.constant({ engine: 'allow' as const, rules: [] as Rule[] }) },
);

const aClient = fc.record({
  active: fc.constantFrom(true, true, true, false),
  audience: fc.option(fc.subarray(AUDIENCES, { minLength: 1 }), { nil: undefined }),
  grantTypes: fc.constantFrom(['client_credentials'], ['client_credentials', 'basic'], ['basic']),
});

const aCatalog = fc
  .record({
    page: fc.constantFrom(...AUDIENCES),
    operations: fc.subarray([...OPERATIONS, 'see:all'], { minLength: 1 }),
  })
  .map(({ page, operations }) => catalogOf(page, operations));

/** A change as a configuration can make it: of one policy, of the client, or of the resources. */
const aChange = fc.record({
  kept: aPolicy,
  before: fc.option(aPolicy, { nil: undefined }),
  after: fc.option(aPolicy, { nil: undefined }),
  client: fc.tuple(aClient, fc.option(aClient, { nil: undefined })),
  catalog: fc.tuple(aCatalog, fc.option(aCatalog, { nil: undefined, freq: 5 })),
});

type Deciding = Pick<Policy, 'engine' | 'rules'>;
type ClientTerms = { active: boolean; audience: string[] | undefined; grantTypes: readonly string[] };

function catalogOf(pageAudience: string, operations: readonly string[]): Catalog {
  const named = (names: readonly string[]) => names.map((name) => ({ name }));
  const resources = [
    { id: 'Client', audience: null, operations: named(OPERATIONS) },
    { id: 'book', audience: 'urn:a', operations: named([...OPERATIONS, 'see:all']) },
    { id: 'page', audience: pageAudience, operations: named(operations) },
  ];
  return new Catalog(
    resources.map((one) => ({ ...one, token: {} }) as unknown as Resource),
    'https://own.example/',
  );
}

const policyOf = (id: string, deciding: Deciding | undefined): Policy[] =>
  deciding ? [{ id, ...deciding } as Policy] : [];

const clientOf = ({ active, audience, grantTypes }: ClientTerms): Client =>
  ({
    id: 'c',
    active,
    expiresAt: null,
    grantTypes: [...grantTypes],
    clientCredentials: audience ? { audience } : {},
  }) as Client;

/** Every item that the rules could mean, with the audience that grants it: by a search of all of them. */
function grantedOf({ client, policies, catalog }: Standing): Map<string, string> {
  const compiled = new CompiledPolicies(policies);
  const found = new Map<string, string>();
  if (!client?.active) return found;
  for (const resource of catalog.all()) {
    const audience = catalog.audienceOf(resource);
    const isByBasic = isOwnType(resource.id) && client.grantTypes.includes('basic');
    const isByToken = client.grantTypes.includes('client_credentials') && permitsAudience(client, audience);
    if (!isByBasic && !isByToken) continue;
    for (const { name } of resource.operations) {
      const asked = name.includes(':')
        ? [name]
        : IDENTIFIERS.map((identifier) =>
            formatScopeItem({ resource: resource.id, identifier, operation: name }),
          );
      const context = name.includes(':') ? { catalog, audiences: [audience] } : { catalog };
      for (const scope of asked) {
        if (decide(compiled, [scope], context)[0]?.granted)
          found.set(name.includes(':') ? `${scope} ${audience}` : scope, audience);
      }
    }
  }
  return found;
}

const without = (one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>): string[] =>
  [...one]
    .filter(([key]) => !other.has(key))
    .map(([key, audience]) => `${key.split(' ')[0]} ${audience}`)
    .sort();

const listed = ({ items }: ClientDifference['lost']): string[] =>
  items.map(({ scope, audience }) => `${scope} ${audience}`).sort();

describe('The difference that a proposal makes for a client', () => {
  it('is what a decision on every item finds before and after, on 1,000 random changes', () => {
    let differing = 0;
    fc.assert(
      fc.property(aChange, ({ kept, before, after, client: [was, becomes], catalog: [from, to] }) => {
        const shared = policyOf('kept', kept);
        const stored = {
          client: clientOf(was),
          policies: [...shared, ...policyOf('p', before)],
          catalog: from,
        };
        const proposed = {
          client: clientOf(becomes ?? was),
          policies: [...shared, ...policyOf('p', after)],
          catalog: to ?? from,
        };
        const written = new Set(to ? ['book', 'page'] : []);
        const difference = atOnce(differenceFor(stored, proposed, written, { left: 1000 }));
        const [had, has] = [grantedOf(stored), grantedOf(proposed)];
        const named = [...stored.policies, ...proposed.policies].flatMap(({ rules }) => rules);
        const isNamed = (text: string) => isNamedBy(named, text.split(' ')[0] ?? '');
        expect(listed(difference.lost)).toEqual(without(had, has).filter(isNamed));
        expect(listed(difference.gained)).toEqual(without(has, had).filter(isNamed));
        expect(difference.isComplete).toBe(true);
        differing += Number(difference.lost.total + difference.gained.total > 0);
      }),
      { numRuns: 1000 },
    );
    expect(differing).toBeGreaterThan(300);
  });

  it('says that it is incomplete where the budget ends', () => {
    const rules: Rule[] = [{ effect: 'allow', resource: 'book', identifier: '*', operations: ['*'] }];
    const catalog = catalogOf('urn:b', OPERATIONS);
    const client = clientOf({ active: true, audience: undefined, grantTypes: ['client_credentials'] });
    const stored = { client, catalog, policies: policyOf('p', { engine: 'rules', rules }) };
    const difference = atOnce(differenceFor(stored, { ...stored, policies: [] }, new Set(), { left: 2 }));
    expect([difference.isComplete, difference.lost.total]).toEqual([false, 2]);
  });
});

/** Rules decide alike on all identifiers that none of them names. */
function isNamedBy(rules: readonly Rule[], scope: string): boolean {
  const [resource = '', identifier = '*', operation] = scope.split(':');
  if (operation === undefined || identifier === '*') return true;
  const reaches = (rule: Rule) =>
    rule.resource === resource || (rule.resource === '*' && !isOwnType(resource));
  return rules.some((rule) => reaches(rule) && rule.identifier === identifier);
}

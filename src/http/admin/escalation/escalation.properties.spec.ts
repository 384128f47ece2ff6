import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CompiledPolicies } from '../../../policies/compiled-policies.js';
import { decide } from '../../../policies/decision.js';
import { Holdings } from '../../../policies/holdings.js';
import type { Policy, Rule } from '../../../policies/policy.js';
import { coversAudience, wholeGrant } from '../../../policies/whole-grant.js';
import { isOwnType } from '../../../protocol/identifier.js';
import { formatScopeItem, parseScopeItem, type ScopeItem } from '../../../protocol/scope-item.js';
import { Catalog } from '../../../resources/catalog.js';
import { readingBeside } from '../../../resources/item-readings.js';
import type { Resource } from '../../../resources/resource.js';
import { operationNameFaults } from '../resources/operation-names.js';
import { missingForClient } from './client-escalation.js';
import { missingForPolicy } from './policy-escalation.js';
import { missingForResource } from './resource-escalation.js';

const OWN = 'https://login.example/';
const CLIENTS = ['caller', 'x', 'y'];
const RESOURCES = ['a', 'b', 'c'];
const IDENTIFIERS = ['1', '*'];
const OPERATIONS = ['read', 'write', 'a:1:read', 'b'];
const AUDIENCES = [null, 'urn:x', 'urn:y'];
const TYPES = ['Resource', 'Client', 'AccessPolicy'];
const POLICIES = ['p', 'q', 'r'];

/** What a token can carry is tried with all of these, bare names and grammar alike. */
const ITEMS = [
  ...OPERATIONS,
  ...[...RESOURCES, '*', ...TYPES].flatMap((resource) =>
    ['1', '2', '*', ...RESOURCES].flatMap((identifier) =>
      ['read', 'write', 'update', 'b', '*'].map((operation) => `${resource}:${identifier}:${operation}`),
    ),
  ),
];

interface World {
  resources: Resource[];
  policies: Policy[];
}

const stamp = { version: 1, createdAt: 0, updatedAt: 0 };

const aResource = (id: string) =>
  fc
    .record({
      audience: fc.constantFrom(...AUDIENCES),
      names: fc.subarray(OPERATIONS, { minLength: 1 }),
      seconds: fc.constantFrom(undefined, undefined, 1),
    })
    .map(
      ({ audience, names, seconds }): Resource => ({
        ...stamp,
        id,
        audience,
        name: null,
        operations: names.map((name) => ({ name })),
        introspectionClients: [],
        token: seconds === undefined ? {} : { accessTokenExpirationSeconds: seconds },
      }),
    );

const OWN_RESOURCES: Resource[] = TYPES.map((id) => ({
  ...stamp,
  id,
  audience: null,
  name: null,
  operations: ['read', 'update', 'create', 'delete'].map((name) => ({ name })),
  introspectionClients: [],
  token: {},
}));

const aRule = fc.oneof(
  { weight: 3, arbitrary: ruleOn(fc.constantFrom(...RESOURCES, '*'), IDENTIFIERS, [...OPERATIONS, '*']) },
  {
    weight: 2,
    arbitrary: ruleOn(fc.constantFrom(...TYPES), [...RESOURCES, ...POLICIES, '*'], ['update', '*']),
  },
);

function ruleOn(resource: fc.Arbitrary<string>, identifiers: string[], operations: string[]) {
  return fc.record<Rule>({
    effect: fc.constantFrom('allow', 'allow', 'allow', 'deny'),
    resource,
    identifier: fc.constantFrom(...identifiers),
    operations: fc.uniqueArray(fc.constantFrom(...operations), { minLength: 1, maxLength: 2 }),
  });
}

const aPolicy = (id: string) =>
  fc
    .record({
      engine: fc.constantFrom<Policy['engine']>('rules', 'rules', 'rules', 'allow'),
      everyone: fc.constantFrom(false, false, false, true),
      clientIds: fc.subarray(CLIENTS, { minLength: 1 }),
      rules: fc.array(aRule, { minLength: 1, maxLength: 3 }),
    })
    .map(
      ({ engine, everyone, clientIds, rules }): Policy => ({
        ...stamp,
        id,
        engine,
        everyone: everyone && engine === 'rules',
        clientIds: everyone && engine === 'rules' ? [] : clientIds,
        rules: engine === 'allow' ? [] : rules,
      }),
    );

/** Names with two readings are refused at each write, so that no catalog holds any. */
function withClearNames(resources: Resource[]): Resource[] {
  const catalog = new Catalog(resources, OWN);
  return resources.map((resource) => ({
    ...resource,
    operations: resource.operations.filter(({ name }) => !readingBeside(name, [resource.id], catalog)),
  }));
}

const aWorld = fc.record<World>({
  resources: fc
    .tuple(...RESOURCES.map((id) => fc.option(aResource(id), { nil: undefined })))
    .map((some) => withClearNames([...OWN_RESOURCES, ...some.filter((one) => one !== undefined)])),
  policies: fc.tuple(...POLICIES.map(aPolicy)),
});

/** The scope of the caller's session: none, or what these items mean. */
const aScope = fc.option(
  fc
    .array(fc.constantFrom(...ITEMS, 'Resource:a:update', 'Resource:*:update', '*'), {
      minLength: 1,
      maxLength: 3,
    })
    .map((items) => items.flatMap((item) => parseScopeItem(item) ?? [])),
  { nil: undefined },
);

const catalogOf = ({ resources }: World) =>
  new Catalog(
    [...resources].sort((a, b) => (a.id < b.id ? -1 : 1)),
    OWN,
  );

const policiesOf = ({ policies }: World, client: string) =>
  policies.filter(({ everyone, clientIds }) => everyone || clientIds.includes(client));

const AUDIENCES_ASKED = [OWN, 'urn:x', 'urn:y'];

/** What a whole grant holds in either world may be asked for in both. */
const itemsOf = (...worlds: World[]): string[] => [
  ...new Set([
    ...ITEMS,
    ...worlds.flatMap((world) =>
      CLIENTS.flatMap((client) =>
        AUDIENCES_ASKED.flatMap((audience) =>
          wholeGrant(new CompiledPolicies(policiesOf(world, client)), catalogOf(world), [audience]),
        ),
      ),
    ),
  ]),
];

/** Every (client, audience, item) that a token can carry. */
function carried(world: World, items: readonly string[]): Set<string> {
  const catalog = catalogOf(world);
  const found = new Set<string>();
  for (const client of CLIENTS) {
    const compiled = new CompiledPolicies(policiesOf(world, client));
    for (const audience of [...AUDIENCES_ASKED, undefined]) {
      const isOpen =
        audience === undefined || audience === OWN || coversAudience(compiled, catalog, audience);
      if (!isOpen) continue;
      const context = audience === undefined ? { catalog } : { catalog, audiences: [audience] };
      for (const { scope, granted } of decide(compiled, items, context)) {
        if (granted) found.add(`${client} ${audience ?? '-'} ${scope}`);
      }
    }
  }
  return found;
}

/** What tokens can carry after a write and could not before, and the other way round. */
function difference(before: World, after: World): { gained: string[]; lost: string[] } {
  const items = itemsOf(before, after);
  const [was, is] = [carried(before, items), carried(after, items)];
  return { gained: added(was, is), lost: added(is, was) };
}

const added = (one: ReadonlySet<string>, other: ReadonlySet<string>) =>
  [...other].filter((entry) => !one.has(entry));

/** The places that an item is read as, by an API that knows the operations of its audience or the grammar alone. */
function readings(item: string, audience: string, catalog: Catalog): ScopeItem[] {
  const owners = audience === '-' ? [] : catalog.withAudience(audience);
  const bare = owners
    .filter(({ id }) => catalog.hasOperation(id, item))
    .map(({ id }) => ({ resource: id, identifier: '*', operation: item }));
  const parsed = parseScopeItem(item);
  const isRegistered = parsed && (parsed.resource === '*' || catalog.find(parsed.resource));
  return isRegistered ? [...bare, parsed] : bare;
}

const NO_RESOURCE = fc.constant(null);

/** The caller's rights to write these resources. */
const rightsOn = (ids: string[]): Policy => ({
  ...stamp,
  id: 'rights',
  engine: 'rules',
  everyone: false,
  clientIds: ['caller'],
  rules: ids.map((identifier) => ({ effect: 'allow', resource: 'Resource', identifier, operations: ['*'] })),
});

describe('A write of a resource that the caller may make', () => {
  const aCase = fc.record({
    world: aWorld,
    id: fc.constantFrom(...RESOURCES),
    form: fc.oneof({ weight: 4, arbitrary: aResource('') }, { weight: 1, arbitrary: NO_RESOURCE }),
    rights: fc.subarray([...RESOURCES, ...TYPES, '*'], { minLength: 1 }),
    scope: aScope,
  });

  it('reaches only the tokens of resources that it may update, and adds no reading to others (fault A1)', {
    timeout: 120_000,
  }, () => {
    let permitted = 0;
    const check = fc.property(aCase, ({ world: { resources, policies }, id, form, rights, scope }) => {
      const world = { resources, policies: [...policies, rightsOn(rights)] };
      const catalog = catalogOf(world);
      const before = catalog.find(id) ?? null;
      const after = form && { ...form, id };
      const holdings = new Holdings(policiesOf(world, 'caller'), scope);
      const operation = before ? (after ? 'update' : 'delete') : 'create';
      if (!holdings.may({ resource: 'Resource', identifier: id, operation })) return;
      if (after && operationNameFaults(after.operations, id, before, catalog).length > 0) return;
      const change = { before, after };
      if (missingForResource(holdings, change, catalog, [])) return;
      permitted++;
      const others = world.resources.filter((resource) => resource.id !== id);
      const changed = { ...world, resources: after ? [...others, after] : others };
      const { gained, lost } = difference(world, changed);
      const mayUpdate = (identifier: string) =>
        identifier === id || holdings.may({ resource: 'Resource', identifier, operation: 'update' });
      // `*` reaches whatever is registered: its operations come and go with their resources.
      const ofOthers = (entries: string[], at: Catalog) =>
        entries.filter((entry) => {
          const [, audience = '', item = ''] = entry.split(' ');
          return readings(item, audience, at).some(
            ({ resource }) => resource !== '*' && !mayUpdate(resource),
          );
        });
      expect(ofOthers(gained, catalogOf(changed))).toEqual([]);
      expect(ofOthers(lost, catalog)).toEqual([]);
    });
    fc.assert(check, { numRuns: 3000 });
    expect(permitted).toBeGreaterThan(100);
  });
});

describe('A write of a policy that the caller may make', () => {
  const aCase = fc.record({
    world: aWorld,
    form: fc.oneof({ weight: 4, arbitrary: aPolicy('p') }, { weight: 1, arbitrary: fc.constant(null) }),
    isNew: fc.boolean(),
    scope: aScope,
  });

  it('never lets a token carry what the caller did not hold (fault A2)', { timeout: 120_000 }, () => {
    let permitted = 0;
    const check = fc.property(aCase, ({ world, form, isNew, scope }) => {
      const policies = isNew ? world.policies.filter(({ id }) => id !== 'p') : world.policies;
      const start = { ...world, policies };
      const before = policies.find(({ id }) => id === 'p') ?? null;
      const holdings = new Holdings(policiesOf(start, 'caller'), scope);
      if (missingForPolicy(holdings, { before, after: form }, policies)) return;
      permitted++;
      const others = policies.filter(({ id }) => id !== 'p');
      const changed = { ...world, policies: form ? [...others, form] : others };
      const catalog = catalogOf(world);
      for (const entry of difference(start, changed).gained) {
        const [, audience = '', item = ''] = entry.split(' ');
        const asked = readings(item, audience, catalog);
        const isHeld = asked.every((place) => holdings.covers(ruleFor(place)));
        expect([entry, isHeld]).toEqual([entry, true]);
      }
    });
    fc.assert(check, { numRuns: 3000 });
    expect(permitted).toBeGreaterThan(100);
  });

  it('takes what other policies give only where the caller holds it or may update them (fault A11)', {
    timeout: 120_000,
  }, () => {
    const check = fc.property(aCase, ({ world, form, scope }) => {
      if (!form) return;
      const policies = world.policies.filter(({ id }) => id !== 'p');
      const start = { ...world, policies };
      const holdings = new Holdings(policiesOf(start, 'caller'), scope);
      if (missingForPolicy(holdings, { before: null, after: form }, policies)) return;
      const { lost } = difference(start, { ...world, policies: [...policies, form] });
      const catalog = catalogOf(world);
      for (const entry of lost) {
        const [client = '', audience = '', item = ''] = entry.split(' ');
        const denies = readings(item, audience, catalog).map(ruleFor);
        const giving = new Holdings(policiesOf(start, client)).touchedBy(denies);
        const refused = giving.filter(
          ({ rule, policy }) =>
            !holdings.reachesAllOf(rule) &&
            !holdings.may({ resource: 'AccessPolicy', identifier: policy, operation: 'update' }),
        );
        // What gave the item stays with the client, or the caller could have taken it away there.
        expect([entry, refused.length < giving.length]).toEqual([entry, true]);
      }
    });
    fc.assert(check, { numRuns: 2000 });
  });
});

const ruleFor = ({ resource, identifier, operation }: ScopeItem): Rule => ({
  effect: 'allow',
  resource,
  identifier,
  operations: [operation],
});

describe('A client that the caller may change or make', () => {
  it('can carry nothing that the caller could not, save where both are denied it (fault A4)', {
    timeout: 120_000,
  }, () => {
    const check = fc.property(aWorld, fc.constantFrom('x', 'new'), aScope, (world, id, scope) => {
      const holdings = new Holdings(policiesOf(world, 'caller'), scope);
      const client = {
        id,
        holdings: new Holdings(policiesOf(world, id)),
        introspects: [],
        unregisteredAudiences: [],
      };
      if (missingForClient({ id: 'caller', holdings, listedAudiences: [] }, client)) return;
      const catalog = catalogOf(world);
      const becomes = decide(new CompiledPolicies(policiesOf(world, id)), ITEMS, { catalog });
      for (const { scope: item, granted } of becomes) {
        if (!granted) continue;
        for (const place of readings(item, '-', catalog)) {
          const isOwn = place.resource !== '*' && isOwnType(place.resource);
          expect([formatScopeItem(place), isOwn, holdings.covers(ruleFor(place))]).toEqual([
            formatScopeItem(place),
            isOwn,
            true,
          ]);
        }
      }
    });
    fc.assert(check, { numRuns: 3000 });
  });
});

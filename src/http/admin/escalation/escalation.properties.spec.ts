import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isOwnType } from '../../../../packages/protocol/src/own-type.js';
import { formatScopeItem, type ScopeItem } from '../../../../packages/protocol/src/scope-item.js';
import { CompiledPolicies } from '../../../policies/compiled-policies.js';
import { decide } from '../../../policies/decision.js';
import { Holdings } from '../../../policies/holdings.js';
import { ALLOW_ALL, type Rule } from '../../../policies/policy.js';
import { denyRulesOf, itemsMeet, itemsOf } from '../../../policies/rule-cover.js';
import { coversAudience } from '../../../policies/whole-grant.js';
import { Catalog } from '../../../resources/catalog.js';
import { operationNameFaults } from '../resources/operation-names.js';
import { missingForClient, missingForUnregistering } from './client-escalation.js';
import { missingForPolicy } from './policy-escalation.js';
import {
  ALL_CLIENTS,
  aPolicy,
  aResource,
  aScope,
  aWorld,
  catalogOf,
  difference,
  ITEMS,
  NO_RESOURCE,
  policiesOf,
  RESOURCES,
  readings,
  rightsOn,
  TYPES,
  type World,
} from './random-world.arbitrary.js';
import { missingForResource, registeredBy, unregisteredBy } from './resource-escalation.js';
import { isWithheld } from './unregistered-audiences.js';

describe('A write of a resource that the caller may make', () => {
  const aCase = fc.record({
    world: aWorld,
    id: fc.constantFrom(...RESOURCES),
    form: fc.oneof({ weight: 4, arbitrary: aResource('') }, { weight: 1, arbitrary: NO_RESOURCE }),
    rights: fc.subarray([...RESOURCES, ...TYPES, '*'], { minLength: 1 }),
    clients: fc.subarray(['x', 'y']),
    scope: aScope,
  });

  it('affects only the tokens of resources that it may update, and makes no other items ambiguous (fault A1)', {
    timeout: 120_000,
  }, () => {
    let permitted = 0;
    const check = fc.property(
      aCase,
      ({ world: { resources, policies }, id, form, rights, clients, scope }) => {
        const world = { resources, policies: [...policies, rightsOn(rights, clients)] };
        const catalog = catalogOf(world);
        const before = catalog.find(id) ?? null;
        const after = form && { ...form, id };
        const holdings = new Holdings(policiesOf(world, 'caller'), scope);
        const operation = before ? (after ? 'update' : 'delete') : 'create';
        if (!holdings.may({ resource: 'Resource', identifier: id, operation })) return;
        if (after && operationNameFaults(after.operations, id, before, catalog).length > 0) return;
        const change = { before, after };
        // The worst case: each client that may have an unregistered audience has tokens for it.
        const users = ALL_CLIENTS.filter(
          (client) => client !== 'caller' && compiledOf(world, client).hasAllowEngine,
        );
        const registered = registeredBy(change, catalog);
        if (missingForResource(holdings, change, catalog, registered === undefined ? [] : users)) return;
        const unregistered = unregisteredBy(change, catalog);
        const withheld = users.find((client) => before && isWithheld(before, compiledOf(world, client)));
        const caller = { id: 'caller', holdings, listedAudiences: [] };
        if (unregistered !== undefined && missingForUnregistering(caller, unregistered, [], withheld)) return;
        permitted++;
        const others = world.resources.filter((resource) => resource.id !== id);
        const changed = { ...world, resources: after ? [...others, after] : others };
        const { gained, lost } = difference(world, changed);
        const mayUpdate = (identifier: string) =>
          identifier === id || holdings.may({ resource: 'Resource', identifier, operation: 'update' });
        // `*` covers whatever is registered: its operations come and go with their resources.
        const ofOthers = (entries: string[], at: Catalog) =>
          entries.filter((entry) => {
            const [, audience = '', item = ''] = entry.split(' ');
            return readings(item, audience, at).some(
              ({ resource }) => resource !== '*' && !mayUpdate(resource),
            );
          });
        expect(ofOthers(gained, catalogOf(changed))).toEqual([]);
        expect(ofOthers(lost, catalog)).toEqual([]);
        const ofUsers = [...gained, ...lost].filter((entry) => {
          const [client = '', audience = ''] = entry.split(' ');
          const mayUpdateClient = holdings.may({
            resource: 'Client',
            identifier: client,
            operation: 'update',
          });
          return audience === registered && users.includes(client) && !mayUpdateClient;
        });
        expect(ofUsers).toEqual([]);
        const opened = gained.filter((entry) => {
          const [client = '', audience = '', item] = entry.split(' ');
          const isLeft = client !== 'caller' && audience === unregistered && item === '';
          return isLeft && !holdings.covers(ALLOW_ALL) && !hasAny(world, client, audience);
        });
        expect(opened).toEqual([]);
      },
    );
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
      const lifted = before ? denyRulesOf(before).flatMap(itemsOf) : [];
      const catalog = catalogOf(world);
      for (const entry of difference(start, changed).gained) {
        const [client = '', audience = '', item = ''] = entry.split(' ');
        if (item === '' && coversAudience(compiledOf(start, 'caller'), catalog, audience)) continue;
        const asked = item === '' ? [EVERYTHING] : readings(item, audience, catalog);
        // One of several resources with the same bare name may have been granted alone all along.
        const had = (place: ScopeItem) => compiledOf(start, client).grants(place);
        const isHeld = asked.every(
          (place) => had(place) || covers(holdings, place) || opens(holdings, place, lifted),
        );
        expect([entry, isHeld]).toEqual([entry, true]);
      }
    });
    fc.assert(check, { numRuns: 3000 });
    expect(permitted).toBeGreaterThan(100);
  });

  it('removes what other policies grant only if the caller holds it or may update them (fault A11)', {
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
        if (item === '') continue;
        const denies = readings(item, audience, catalog).map(ruleFor);
        const giving = new Holdings(policiesOf(start, client)).touchedBy(denies);
        const refused = giving.filter(
          ({ rule, policy }) =>
            !holdings.reachesAllOf(rule) &&
            !holdings.may({ resource: 'AccessPolicy', identifier: policy, operation: 'update' }),
        );
        // The client keeps what granted the item, or else the caller could have removed it there.
        expect([entry, refused.length < giving.length]).toEqual([entry, true]);
      }
    });
    fc.assert(check, { numRuns: 2000 });
  });
});

const EVERYTHING: ScopeItem = { resource: '*', identifier: '*', operation: '*' };

const compiledOf = (world: World, client: string) => new CompiledPolicies(policiesOf(world, client));

/** Whether the client can have a token with a scope for this audience. */
function hasAny(world: World, client: string, audience: string): boolean {
  const context = { catalog: catalogOf(world), audiences: [audience] };
  return decide(compiledOf(world, client), ITEMS, context).some(({ granted }) => granted);
}

const covers = (holdings: Holdings, place: ScopeItem): boolean => holdings.covers(ruleFor(place));

/**
 * Whether lifting a deny on several operations or resources grants only what was denied, on all of the place's
 * identifiers.
 */
function opens(holdings: Holdings, place: ScopeItem, lifted: readonly ScopeItem[]): boolean {
  const met = lifted.filter((deny) => itemsMeet(deny, place));
  const narrowed = met.map((deny) => ({
    resource: place.resource === '*' ? deny.resource : place.resource,
    identifier: place.identifier,
    operation: place.operation === '*' ? deny.operation : place.operation,
  }));
  return met.length > 0 && narrowed.every((part) => covers(holdings, part));
}

const ruleFor = ({ resource, identifier, operation }: ScopeItem): Rule => ({
  effect: 'allow',
  resource,
  identifier,
  operations: [operation],
});

describe('A client that the caller may change or make', () => {
  it('carries nothing that the caller could not, unless both are denied it (fault A4)', {
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

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CompiledPolicies } from '../../../policies/compiled-policies.js';
import { decide } from '../../../policies/decision.js';
import { Holdings } from '../../../policies/holdings.js';
import type { Rule } from '../../../policies/policy.js';
import { isOwnType } from '../../../protocol/identifier.js';
import { formatScopeItem, type ScopeItem } from '../../../protocol/scope-item.js';
import { Catalog } from '../../../resources/catalog.js';
import { operationNameFaults } from '../resources/operation-names.js';
import { missingForClient } from './client-escalation.js';
import { missingForPolicy } from './policy-escalation.js';
import {
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
} from './random-world.arbitrary.js';
import { missingForResource } from './resource-escalation.js';

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

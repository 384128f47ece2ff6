import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isOwnType } from '../../../packages/protocol/src/own-type.js';
import { formatScopeItem, type ScopeItem } from '../../../packages/protocol/src/scope-item.js';
import { CompiledPolicies } from '../../policies/compiled-policies.js';
import { decide } from '../../policies/decision.js';
import { Holdings } from '../../policies/holdings.js';
import type { Rule } from '../../policies/policy.js';
import { effectsOf } from '../../policies/policy-change.js';
import { denyRulesOf, itemsMeet, itemsOf } from '../../policies/rule-cover.js';
import { coversAudience } from '../../policies/whole-grant.js';
import { Catalog } from '../../resources/catalog.js';
import { operationNameFaults } from '../resources/operation-names.js';
import { audiencesCarried, difference, readings } from './carried-tokens.arbitrary.js';
import { clientOf, isPermitted, judgeOf } from './judged-world.arbitrary.js';
import { missingForPolicy } from './policy-escalation.js';
import {
  aList,
  aPolicy,
  aResource,
  aScope,
  aWorld,
  catalogOf,
  compiledOf,
  ITEMS,
  NO_RESOURCE,
  policiesOf,
  RESOURCES,
  rightsOn,
  TYPES,
  type World,
} from './random-world.arbitrary.js';
import { registeredBy } from './resource-escalation.js';

describe('A write of a resource that the caller may make', () => {
  const aCase = fc.record({
    world: aWorld,
    id: fc.constantFrom(...RESOURCES),
    form: fc.oneof({ weight: 4, arbitrary: aResource('') }, { weight: 1, arbitrary: NO_RESOURCE }),
    rights: fc.subarray([...RESOURCES, ...TYPES, '*'], { minLength: 1 }),
    clients: fc.subarray(['x', 'y']),
    scope: aScope,
  });

  it('affects only the tokens of resources that it may update, makes no other items ambiguous, and opens no audience (fault A1)', {
    timeout: 120_000,
  }, async () => {
    let permitted = 0;
    const check = fc.asyncProperty(aCase, async ({ world: any, id, form, rights, clients, scope }) => {
      const world = { ...any, policies: [...any.policies, rightsOn(rights, clients)] };
      const catalog = catalogOf(world);
      const before = catalog.find(id) ?? null;
      const after = form && { ...form, id };
      const { guard, writer, holdings } = judgeOf(world, scope);
      const operation = before ? (after ? 'update' : 'delete') : 'create';
      if (!holdings.may({ resource: 'Resource', identifier: id, operation })) return;
      if (after && operationNameFaults(after.operations, id, before, catalog).length > 0) return;
      const change = { before, after };
      if (!(await isPermitted(guard.assertResourceChange(writer, change, catalog)))) return;
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
      const registered = registeredBy(change, catalog);
      // Live tokens for an audience that is registered now are read by its new resources.
      const taken = ['x', 'y'].filter((client) => {
        const update: ScopeItem = { resource: 'Client', identifier: client, operation: 'update' };
        return registered && world.live[client]?.includes(registered) && !holdings.may(update);
      });
      expect(taken).toEqual([]);
      const opened = openedAudiences(world, changed).filter(
        ({ client, audience }) =>
          catalog.isAudience(audience) &&
          (world.lists[client] !== undefined || isDeniedIn(audience, client, world, changed)),
      );
      const unheld = opened.filter(({ audience }) => !hasThroughout(audience, holdings, world, changed));
      expect(unheld).toEqual([]);
    });
    await fc.assert(check, { numRuns: 3000 });
    expect(permitted).toBeGreaterThan(100);
  });
});

/** The audiences for which a client can have tokens only after the write. */
function openedAudiences(world: World, changed: World) {
  const had = audiencesCarried(world);
  return [...audiencesCarried(changed)]
    .filter((pair) => !had.has(pair))
    .map((pair) => {
      const [client = '', audience = ''] = pair.split(' ');
      return { client, audience };
    });
}

/** Whether the caller itself, without a scope, can have tokens for this audience before and after the write. */
const hasThroughout = (audience: string, holdings: Holdings, ...worlds: World[]): boolean =>
  !holdings.hasScope && worlds.every((world) => audiencesCarried(world).has(`caller ${audience}`));

/** Whether a deny rule withholds something of this audience from the client. */
function isDeniedIn(audience: string, client: string, world: World, changed: World): boolean {
  const resources = [world, changed].flatMap((one) => catalogOf(one).withAudience(audience));
  const denied = policiesOf(world, client).flatMap((policy) => denyRulesOf(policy));
  return denied.some(({ resource }) => resource === '*' || resources.some(({ id }) => id === resource));
}

describe('A write of a policy that the caller may make', () => {
  const aCase = fc.record({
    world: aWorld,
    form: fc.oneof({ weight: 4, arbitrary: aPolicy('p') }, { weight: 1, arbitrary: fc.constant(null) }),
    isNew: fc.boolean(),
    scope: aScope,
  });

  it('never lets a token carry what the caller did not hold (fault A2)', { timeout: 120_000 }, async () => {
    let permitted = 0;
    const check = fc.asyncProperty(aCase, async ({ world, form, isNew, scope }) => {
      const policies = isNew ? world.policies.filter(({ id }) => id !== 'p') : world.policies;
      const start = { ...world, policies };
      const before = policies.find(({ id }) => id === 'p') ?? null;
      const { guard, writer, holdings } = judgeOf(start, scope);
      if (!(await isPermitted(guard.assertPolicyChange(writer, { before, after: form })))) return;
      permitted++;
      const others = policies.filter(({ id }) => id !== 'p');
      const changed = { ...world, policies: form ? [...others, form] : others };
      const lifted = before ? denyRulesOf(before).flatMap(itemsOf) : [];
      const catalog = catalogOf(world);
      for (const entry of difference(start, changed).gained) {
        const [client = '', audience = '', item = ''] = entry.split(' ');
        if (item === '') {
          const isHeld = catalog.isAudience(audience)
            ? coversAudience(compiledOf(start, 'caller'), catalog, audience)
            : hasThroughout(audience, holdings, start);
          expect([entry, isHeld]).toEqual([entry, true]);
          continue;
        }
        const asked = readings(item, audience, catalog);
        const isListed = world.lists.caller?.includes(audience) !== false;
        const isOwnOnly = asked.every(({ resource }) => TYPES.includes(resource));
        expect([entry, isListed || isOwnOnly || audience === '-']).toEqual([entry, true]);
        // One of several resources with the same bare name may have been granted alone all along.
        const had = (place: ScopeItem) => compiledOf(start, client).grants(place);
        const isHeld = asked.every(
          (place) => had(place) || covers(holdings, place) || opens(holdings, place, lifted),
        );
        expect([entry, isHeld]).toEqual([entry, true]);
      }
    });
    await fc.assert(check, { numRuns: 3000 });
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
      const change = { before: null, after: form };
      if (atOnce(missingForPolicy(holdings, change, atOnce(effectsOf(change)), policies))) return;
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

function atOnce<T>(work: Generator<void, T>): T {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
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
  const aCase = fc.record({ world: aWorld, id: fc.constantFrom('x', 'later'), list: aList, scope: aScope });

  it('carries nothing that the caller could not, unless both are denied it (fault A4)', {
    timeout: 120_000,
  }, async () => {
    let permitted = 0;
    const check = fc.asyncProperty(aCase, async ({ world, id, list, scope }) => {
      const { guard, writer, holdings } = judgeOf(world, scope);
      const change = guard.assertClientChange(writer, id, clientOf(id, list));
      if (!(await isPermitted(change))) return;
      permitted++;
      const changed = { ...world, lists: { ...world.lists, [id]: list } };
      expect(audiencesBeyond(world, changed, id, holdings)).toEqual([]);
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
    await fc.assert(check, { numRuns: 3000 });
    expect(permitted).toBeGreaterThan(100);
  });
});

/** The audiences that the client can have before or after the write, and the caller cannot, by its policies or its list. */
function audiencesBeyond(world: World, changed: World, id: string, holdings: Holdings): string[] {
  const catalog = catalogOf(world);
  return [...(id === 'later' ? [] : [world]), changed]
    .flatMap((one) => [...audiencesCarried(one)])
    .filter((pair) => {
      const [client, audience = ''] = pair.split(' ');
      const isHeld = catalog.isAudience(audience)
        ? world.lists.caller?.includes(audience) !== false
        : hasThroughout(audience, holdings, world);
      return client === id && !isHeld;
    });
}

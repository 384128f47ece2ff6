import fc from 'fast-check';
import { expect, it } from 'vitest';
import { formatScopeItem, type ScopeItem } from '../../../packages/protocol/src/scope-item.js';
import { decide } from '../../policies/decision.js';
import { denyRulesOf, itemsMeet, itemsOf } from '../../policies/rule-cover.js';
import type { Catalog } from '../../resources/catalog.js';
import { operationNameFaults } from '../resources/operation-names.js';
import { FormerMeanings, isPermitted, judgeOf } from './judged-world.arbitrary.js';
import {
  ALL_CLIENTS,
  aResource,
  aScope,
  aWorld,
  catalogOf,
  compiledOf,
  NO_RESOURCE,
  OWN,
  policiesOf,
  RESOURCES,
  rightsOn,
  TYPES,
  type World,
} from './random-world.arbitrary.js';

const NAMES = ['read', 'write', 'b'];

const aCase = fc.record({
  world: aWorld,
  id: fc.constantFrom(...RESOURCES),
  form: fc.oneof({ weight: 4, arbitrary: aResource('') }, { weight: 1, arbitrary: NO_RESOURCE }),
  scope: aScope,
});

/** Whether this client can have a token for the audiences with the bare name of an operation. */
function carries(world: World, client: string, audiences: readonly string[], name: string): boolean {
  const catalog = catalogOf(world);
  if (audiences.every((audience) => meant(name, audience, catalog).length === 0)) return false;
  if (audiences.some((audience) => world.lists[client]?.includes(audience) === false)) return false;
  const [decision] = decide(compiledOf(world, client), [name], { catalog, audiences });
  return decision?.granted === true;
}

const meant = (name: string, audience: string, catalog: Catalog): string[] =>
  catalog
    .withAudience(audience)
    .filter(({ id }) => catalog.hasOperation(id, name))
    .map(({ id }) => formatScopeItem({ resource: id, identifier: '*', operation: name }));

const withheldFrom = (client: string, world: World, name: string, audience: string): string[] =>
  catalogOf(world)
    .withAudience(audience)
    .map(({ id }): ScopeItem => ({ resource: id, identifier: '*', operation: name }))
    .filter((item) =>
      policiesOf(world, client).some((policy) =>
        denyRulesOf(policy)
          .flatMap(itemsOf)
          .some((deny) => itemsMeet(deny, item)),
      ),
    )
    .map(formatScopeItem);

/** The items that a client gains by the bare name: in new tokens, or in those that it has. */
function gainedBy(client: string, audience: string, name: string, world: World, changed: World): string[] {
  const [was, is] = [world, changed].map((one) => meant(name, audience, catalogOf(one)));
  const [could, can] = [world, changed].map((one) => carries(one, client, [audience], name));
  if (!could && can && was?.length) return was.filter((item) => !is?.includes(item));
  if (!could && can) return withheldFrom(client, changed, name, audience);
  if (could && !can && world.lists[client] === changed.lists[client]) {
    return is?.filter((item) => !was?.includes(item)) ?? [];
  }
  return [];
}

it('lets no client have an operation by the bare name of another unless the caller may have it (fault A1)', {
  timeout: 120_000,
}, async () => {
  let permitted = 0;
  const check = fc.asyncProperty(aCase, async ({ world: any, id, form, scope }) => {
    const world = { ...any, policies: [...any.policies, rightsOn([...RESOURCES, ...TYPES])] };
    const catalog = catalogOf(world);
    const before = catalog.find(id) ?? null;
    const after = form && { ...form, id };
    if (after && operationNameFaults(after.operations, id, before, catalog).length > 0) return;
    const { guard, writer, holdings } = judgeOf(world, scope);
    if (!(await isPermitted(guard.assertResourceChange(writer, { before, after }, catalog)))) return;
    permitted++;
    const others = world.resources.filter((resource) => resource.id !== id);
    const changed = { ...world, resources: after ? [...others, after] : others };
    if (holdings.administersEverything && !holdings.hasScope) return;
    const held = new Set(
      RESOURCES.flatMap((resource) =>
        NAMES.map((operation): ScopeItem => ({ resource, identifier: '*', operation })).filter((item) =>
          holdings.may(item),
        ),
      ).map(formatScopeItem),
    );
    const isNew = (item: string) => !before && item.startsWith(`${id}:`);
    const unheld = ALL_CLIENTS.flatMap((client) =>
      [OWN, 'urn:x', 'urn:y']
        .filter((audience) => catalog.isAudience(audience))
        .flatMap((audience) =>
          NAMES.flatMap((name) => gainedBy(client, audience, name, world, changed))
            .filter((item) => !held.has(item) && !isNew(item) && RESOURCES.includes(item.split(':')[0] ?? ''))
            .map((item) => `${client} ${audience} ${item}`),
        ),
    );
    expect(unheld).toEqual([]);
  });
  await fc.assert(check, { numRuns: 3000 });
  expect(permitted).toBeGreaterThan(100);
});

const aSequence = fc.record({
  world: aWorld,
  writes: fc.array(
    fc.record({
      id: fc.constantFrom(...RESOURCES),
      form: fc.oneof({ weight: 6, arbitrary: aResource('') }, { weight: 1, arbitrary: NO_RESOURCE }),
    }),
    { minLength: 2, maxLength: 6 },
  ),
  scope: aScope,
});

/** The items that a client gains by the bare name between two states, however many writes are between them. */
function gainedBetween(client: string, audience: string, name: string, states: readonly World[]): string[] {
  const [world, changed] = [states[0] as World, states.at(-1) as World];
  const [was, is] = [world, changed].map((one) => meant(name, audience, catalogOf(one))) as [
    string[],
    string[],
  ];
  if (was.length === 0 || is.length === 0) return [];
  const [could, can] = [world, changed].map((one) => carries(one, client, [audience], name));
  const gained = [...(!could && can ? was : []), ...(could && !can ? is : [])];
  const isNew = (item: string) => {
    const id = item.split(':')[0] ?? '';
    return !can && states.some((state) => !catalogOf(state).find(id));
  };
  const both = (item: string) => was.includes(item) && is.includes(item);
  const holds = (item: string) => compiledOf(changed, client).grants(parsed(item));
  return gained.filter((item) => !both(item) && !holds(item) && !isNew(item));
}

const SEVERAL = [
  ['urn:x', 'urn:y'],
  [OWN, 'urn:x'],
  [OWN, 'urn:x', 'urn:y'],
];

/**
 * The items that a client gains in tokens for several audiences: in one of them the name has lost a meaning, which an API
 * there may still give it, and in another it has one.
 */
function gainedForSeveral(
  client: string,
  audiences: readonly string[],
  name: string,
  states: readonly World[],
): string[] {
  const [world, changed] = [states[0] as World, states.at(-1) as World];
  const [could, can] = [world, changed].map((one) => carries(one, client, audiences, name));
  if (could || !can) return [];
  return audiences
    .flatMap((audience) => {
      const [was, is] = [world, changed].map((one) => meant(name, audience, catalogOf(one)));
      return was?.filter((item) => !is?.includes(item)) ?? [];
    })
    .filter((item) => !compiledOf(changed, client).grants(parsed(item)));
}

const parsed = (item: string): ScopeItem => {
  const [resource = '', identifier = '', operation = ''] = item.split(':');
  return { resource, identifier, operation };
};

it('lets no client have an operation by the bare name of another by several writes (fault A1)', {
  timeout: 120_000,
}, async () => {
  let permitted = 0;
  const check = fc.asyncProperty(aSequence, async ({ world: any, writes, scope }) => {
    const start: World = { ...any, policies: [...any.policies, rightsOn([...RESOURCES, ...TYPES])] };
    const { holdings } = judgeOf(start, scope);
    if (holdings.administersEverything && !holdings.hasScope) return;
    const former = new FormerMeanings();
    const states = [start];
    for (const { id, form } of writes) {
      const world = states.at(-1) as World;
      const catalog = catalogOf(world);
      const change = { before: catalog.find(id) ?? null, after: form && { ...form, id } };
      const { before, after } = change;
      if (after && operationNameFaults(after.operations, id, before, catalog).length > 0) continue;
      const { guard, writer } = judgeOf(world, scope, former);
      if (!(await isPermitted(guard.assertResourceChange(writer, change, catalog)))) continue;
      former.record(before, after, catalog);
      const others = world.resources.filter((resource) => resource.id !== id);
      const lastOwners = former.lastOwners();
      states.push({ ...world, resources: after ? [...others, after] : others, lastOwners });
    }
    if (states.length > 2) permitted++;
    const unheld = ALL_CLIENTS.flatMap((client) =>
      NAMES.flatMap((name) =>
        states.flatMap((_, from) => {
          const since = states.slice(from);
          return [
            ...[OWN, 'urn:x', 'urn:y'].flatMap((audience) => gainedBetween(client, audience, name, since)),
            ...SEVERAL.flatMap((audiences) => gainedForSeveral(client, audiences, name, since)),
          ];
        }),
      )
        .filter((item) => RESOURCES.includes(item.split(':')[0] ?? '') && !holdings.may(parsed(item)))
        .map((item) => `${client} ${item}`),
    );
    expect(unheld).toEqual([]);
  });
  await fc.assert(check, { numRuns: 1500 });
  expect(permitted).toBeGreaterThan(100);
});

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { formatScopeItem, type ScopeItem } from '../../../packages/protocol/src/scope-item.js';
import { decide } from '../../policies/decision.js';
import { denyRulesOf, itemsMeet, itemsOf } from '../../policies/rule-cover.js';
import type { Catalog } from '../../resources/catalog.js';
import { operationNameFaults } from '../resources/operation-names.js';
import { isPermitted, judgeOf } from './judged-world.arbitrary.js';
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

/** Whether this client can have a token for the audience with the bare name of an operation. */
function carries(world: World, client: string, audience: string, name: string): boolean {
  const catalog = catalogOf(world);
  if (meant(name, audience, catalog).length === 0) return false;
  if (world.lists[client]?.includes(audience) === false) return false;
  const [decision] = decide(compiledOf(world, client), [name], { catalog, audiences: [audience] });
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
  const [could, can] = [world, changed].map((one) => carries(one, client, audience, name));
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

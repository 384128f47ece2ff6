import { parseScopeItem, type ScopeItem } from '../../../packages/protocol/src/scope-item.js';
import { decide } from '../../policies/decision.js';
import { coversAudience, coversBareAudiences, wholeGrant } from '../../policies/whole-grant.js';
import type { Catalog } from '../../resources/catalog.js';
import { atOnce } from '../../runtime/slices.js';
import { ALL_CLIENTS, catalogOf, compiledOf, ITEMS, OWN, type World } from './random-world.arbitrary.js';

const AUDIENCES_ASKED = [OWN, 'urn:x', 'urn:y'];

/** Whatever a whole grant contains in either world can be requested in both. */
const itemsOf = (...worlds: World[]): string[] => [
  ...new Set([
    ...ITEMS,
    ...worlds.flatMap((world) =>
      ALL_CLIENTS.flatMap((client) =>
        AUDIENCES_ASKED.flatMap((audience) =>
          atOnce(wholeGrant(compiledOf(world, client), catalogOf(world), [audience])),
        ),
      ),
    ),
  ]),
];

/** The (client, audience) pairs with at least one token, except for the server's own audience, which is open to all. */
export const audiencesCarried = (world: World): Set<string> =>
  new Set(
    [...carried(world, itemsOf(world))]
      .map((entry) => entry.split(' ').slice(0, 2).join(' '))
      .filter((pair) => !pair.endsWith(` ${OWN}`) && !pair.endsWith(' -')),
  );

/** Every (client, audience, item) that a token can carry; the item is empty for a token without items. */
function carried(world: World, items: readonly string[]): Set<string> {
  const catalog = catalogOf(world);
  const found = new Set<string>();
  for (const client of ALL_CLIENTS) {
    const compiled = compiledOf(world, client);
    const limit = world.lists[client];
    const asked = AUDIENCES_ASKED.filter((audience) => limit?.includes(audience) ?? true);
    const isCopying = limit !== undefined || world.setting === 'allow' || compiled.hasAllowEngine;
    for (const audience of asked) {
      const isCopied = !catalog.isAudience(audience) && isCopying;
      const isBare = catalog.isAudience(audience) && coversBareAudiences(compiled, catalog, [audience]);
      if (isCopied || isBare) found.add(`${client} ${audience} `);
    }
    for (const audience of [...asked, undefined]) {
      const isOpen =
        audience === undefined || audience === OWN || coversAudience(compiled, catalog, audience);
      if (!isOpen) continue;
      const context = audience === undefined ? { catalog, limit } : { catalog, audiences: [audience] };
      for (const { scope, granted } of decide(compiled, items, context)) {
        if (granted) found.add(`${client} ${audience ?? '-'} ${scope}`);
      }
    }
  }
  return found;
}

/** What tokens can carry only after a write, and only before it. */
export function difference(before: World, after: World): { gained: string[]; lost: string[] } {
  const items = itemsOf(before, after);
  const [was, is] = [carried(before, items), carried(after, items)];
  return { gained: added(was, is), lost: added(is, was) };
}

const added = (one: ReadonlySet<string>, other: ReadonlySet<string>) =>
  [...other].filter((entry) => !one.has(entry));

/** The readings of an item by an API that knows its audience's operations, or the grammar alone. */
export function readings(item: string, audience: string, catalog: Catalog): ScopeItem[] {
  const owners = audience === '-' ? [] : catalog.withAudience(audience);
  const bare = owners
    .filter(({ id }) => catalog.hasOperation(id, item))
    .map(({ id }) => ({ resource: id, identifier: '*', operation: item }));
  const parsed = parseScopeItem(item);
  const isRegistered = parsed && (parsed.resource === '*' || catalog.find(parsed.resource));
  return isRegistered ? [...bare, parsed] : bare;
}

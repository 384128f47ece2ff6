import { isOwnType } from '../../../src/protocol/identifier.js';
import { ALL, itemCovers, parseScopeItem, type ScopeItem } from '../../../src/protocol/scope-item.js';

/** The API's operations that tokens name alone: their names, or, for the server's full reading, each resource's. */
export type Operations = readonly string[] | Readonly<Record<string, readonly string[]>>;

/** Whether the granted items hold what is asked for. */
export type ScopeMatch = (granted: readonly string[], asked: string) => boolean;

/**
 * Reads items as the server does: what equals an operation's name is that operation, all else goes by the grammar, and
 * an item is held when one granted item covers all of it. A name whose resources are not told is held by itself alone.
 */
export function scopeMatch(operations: Operations = []): ScopeMatch {
  const resourcesOf = resourcesByOperation(operations);
  const meaningOf = (item: string): ScopeItem[] => {
    const parsed = parseScopeItem(item);
    const resources = resourcesOf.get(item);
    if (!resources) return parsed ? [parsed] : [];
    const named = resources.map((resource) => ({ resource, identifier: ALL, operation: item }));
    return parsed && hasTwoReadings(parsed, resources, operations) ? [...named, parsed] : named;
  };
  return (granted, asked) => {
    if (granted.includes(asked)) return true;
    const meant = meaningOf(asked);
    if (meant.length === 0) return false;
    const held = granted.flatMap(meaningOf);
    return meant.every((inner) => held.some((outer) => itemCovers(outer, inner)));
  };
}

/**
 * Whether a granted bare name is the operation of the item that is asked for: in a token for one audience, `read` is that
 * operation on every identifier of the resources of this audience. Names of the server's own types are never meant.
 */
export function holdsByName(granted: readonly string[], asked: string): boolean {
  const item = parseScopeItem(asked);
  if (!item || item.resource === ALL || item.operation === ALL || isOwnType(item.resource)) return false;
  return granted.includes(item.operation);
}

/** As the server: a name that is also an item of a resource that the guard knows asks for both. */
function hasTwoReadings(
  { resource, operation }: ScopeItem,
  owners: readonly string[],
  operations: Operations,
): boolean {
  if (isList(operations)) return false;
  if (resource === ALL) return true;
  const names = Object.hasOwn(operations, resource) ? operations[resource] : undefined;
  if (!names) return false;
  return owners.some((owner) => owner !== resource) || operation === ALL || names.includes(operation);
}

function resourcesByOperation(operations: Operations): Map<string, string[]> {
  if (!isWellFormed(operations))
    throw new TypeError('operations must be a list of names, or one list for each resource');
  if (isList(operations)) return new Map(operations.map((name) => [name, []]));
  const resources = new Map<string, string[]>();
  for (const [resource, names] of Object.entries(operations)) {
    for (const name of new Set(names)) resources.set(name, [...(resources.get(name) ?? []), resource]);
  }
  return resources;
}

const isList = (operations: Operations): operations is readonly string[] => Array.isArray(operations);

function isWellFormed(operations: unknown): boolean {
  if (typeof operations !== 'object' || operations === null) return false;
  const lists: unknown[] = Array.isArray(operations) ? [operations] : Object.values(operations);
  return lists.every((list) => Array.isArray(list) && list.every((name) => typeof name === 'string'));
}

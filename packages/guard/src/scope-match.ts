import { isOwnType } from '../../protocol/src/own-type.js';
import { ALL, itemCovers, parseScopeItem, type ScopeItem } from '../../protocol/src/scope-item.js';

/** Operations that tokens contain as bare names: a list, or, to match exactly as the server does, a list per resource. */
export type Operations = readonly string[] | Readonly<Record<string, readonly string[]>>;

/** Whether the granted items cover the required one. */
export type ScopeMatch = (granted: readonly string[], required: string) => boolean;

/**
 * Interprets items as the server does: the name of an operation means that operation, everything else follows the grammar,
 * and an item is covered if one granted item covers it as a whole. A name without known resources only covers itself.
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
  return (granted, required) => {
    if (granted.includes(required)) return true;
    const meant = meaningOf(required);
    if (meant.length === 0) return false;
    const held = granted.flatMap(meaningOf);
    return meant.every((inner) => held.some((outer) => itemCovers(outer, inner)));
  };
}

/**
 * Whether a granted bare name is the operation of the required item: in a token for one audience, `read` means that
 * operation on every identifier of the resources of the audience, except on the server's own types.
 */
export function holdsByName(granted: readonly string[], required: string): boolean {
  const item = parseScopeItem(required);
  if (!item || item.resource === ALL || item.operation === ALL || isOwnType(item.resource)) return false;
  return granted.includes(item.operation);
}

/** As on the server, a name that is also an item of a known resource requires both meanings. */
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

import { ALL, formatScopeItem, parseScopeItem } from '../../../packages/protocol/src/scope-item.js';
import type { Fault } from '../../protocol/problem.js';
import type { Catalog } from '../../resources/catalog.js';
import { readingBeside } from '../../resources/item-readings.js';
import type { Resource } from '../../resources/resource.js';
import { itemPath } from '../documents/member-path.js';
import { isObject } from '../documents/merge-patch.js';

/** The faults of a resource's operation names; values that are not names are skipped. */
export function operationNameFaults(
  operations: unknown,
  id: string,
  current: Resource | null,
  catalog: Catalog,
): Fault[] {
  const names = namesIn(operations);
  return [...repeated(names), ...ambiguous(names, id, current, catalog), ...heads(id, current, catalog)];
}

interface Named {
  path: string;
  name: string;
}

const namesIn = (operations: unknown): Named[] =>
  Array.isArray(operations)
    ? operations.flatMap((operation: unknown, position) => {
        const name = isObject(operation) ? operation.name : undefined;
        return typeof name === 'string' ? [{ path: `${itemPath('operations', position)}.name`, name }] : [];
      })
    : [];

function repeated(names: readonly Named[]): Fault[] {
  const seen = new Set<string>();
  return names.flatMap(({ path, name }) => {
    const isSeen = seen.has(name);
    seen.add(name);
    return isSeen ? [{ path, message: 'is already the name of another operation' }] : [];
  });
}

/**
 * Names that are scope items of another resource: its API could take the granted operation for that item. Stored ones
 * may stay; like those on the resource itself, they are granted only with both readings.
 */
function ambiguous(names: readonly Named[], id: string, current: Resource | null, catalog: Catalog): Fault[] {
  const planned = catalog.with(resourceWith(id, names, current));
  const stored = new Set(current?.operations.map(({ name }) => name));
  return names.flatMap(({ path, name }) => {
    if (name.includes(ALL))
      return stored.has(name) || name === ALL ? [] : [{ path, message: 'must not contain *' }];
    const reading = readingBeside(name, [id], planned);
    if (!reading || reading.resource === id || (stored.has(name) && readingBeside(name, [id], catalog)))
      return [];
    return [{ path, message: `can also be read as the scope item ${formatScopeItem(reading)}` }];
  });
}

/** A new resource must not make the operations of others ambiguous. */
function heads(id: string, current: Resource | null, catalog: Catalog): Fault[] {
  if (current) return [];
  for (const resource of catalog.all()) {
    const named = resource.operations.find(({ name }) => parseScopeItem(name)?.resource === id);
    if (!named) continue;
    const message = `is a prefix of the operation ${named.name} of Resource/${resource.id}, which could then be read as a scope item`;
    return [{ path: 'id', message }];
  }
  return [];
}

const resourceWith = (id: string, names: readonly Named[], current: Resource | null): Resource => ({
  ...(current ?? {
    version: 1,
    createdAt: 0,
    updatedAt: 0,
    name: null,
    audience: null,
    introspectionClients: [],
    token: {},
  }),
  id,
  operations: names.map(({ name }) => ({ name })),
});

import {
  ALL,
  formatScopeItem,
  parseScopeItem,
  type ScopeItem,
} from '../../../../packages/protocol/src/scope-item.js';
import type { Holdings } from '../../../policies/holdings.js';
import type { FormerOperation } from '../../../resources/former-operations.repository.js';
import type { Missing } from '../missing.js';
import type { ResourceChange } from '../resource-escalation.js';

/** The ids of resources that the grammar reads in the operation names that a write adds, by the name. */
export function headsOfAdded({ before, after, replaced }: ResourceChange): Map<string, ScopeItem> {
  const known = new Set(
    [...(before?.operations ?? []), ...(replaced?.operations ?? [])].map(({ name }) => name),
  );
  const added = (after?.operations ?? []).filter(({ name }) => !known.has(name));
  return new Map(
    added.flatMap(({ name }): [string, ScopeItem][] => {
      const item = parseScopeItem(name);
      return item ? [[name, item]] : [];
    }),
  );
}

/**
 * What the caller lacks for creating a resource: in tokens its items would look like the names of operations that other
 * resources had, which their APIs may still accept. While such an operation exists, the id is 422.
 */
export function missingForId(
  holdings: Holdings,
  id: string,
  former: readonly FormerOperation[],
): Missing | undefined {
  const gained = former.find(
    ({ resourceId, operation }) =>
      resourceId !== id && !holdings.may({ resource: resourceId, identifier: ALL, operation }),
  );
  if (!gained) return undefined;
  const { resourceId, operation } = gained;
  return {
    description: `items of Resource/${id} could be taken for the former operation ${operation} of Resource/${resourceId}, which the caller does not hold`,
  };
}

/** The same for operations whose names were items of a resource that has been deleted. */
export function missingForNames(
  holdings: Holdings,
  names: ReadonlyMap<string, ScopeItem>,
  former: readonly FormerOperation[],
): Missing | undefined {
  const known = new Set(
    former.flatMap(({ resourceId, operation }) => [keyOf(resourceId, operation), keyOf(resourceId, ALL)]),
  );
  for (const [name, item] of names) {
    if (!known.has(keyOf(item.resource, item.operation)) || holdings.may(item)) continue;
    return {
      description: `the operation ${name} could be taken for the item ${formatScopeItem(item)} of a deleted resource, which the caller does not hold`,
    };
  }
  return undefined;
}

/** Neither part contains a space. */
const keyOf = (resource: string, operation: string): string => `${resource} ${operation}`;

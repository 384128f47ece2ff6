import { parseScopeItem } from '../../packages/protocol/src/scope-item.js';
import type { Catalog } from '../resources/catalog.js';
import type { Resource } from '../resources/resource.js';

/** The resources that granted items name; an item on `*` names none. */
export function namedResources(scope: readonly string[], catalog: Catalog): Resource[] {
  const named = scope.map((item) => catalog.find(parseScopeItem(item)?.resource ?? ''));
  return [...new Set(named.filter((resource) => resource !== undefined))];
}

/** The audiences of a token that requested none: those of the resources that its items name, else the server's own. */
export function derivedAudience(scope: readonly string[], catalog: Catalog): string[] {
  const named = namedResources(scope, catalog);
  if (named.length === 0) return [catalog.ownAudience];
  return [...new Set(named.map((resource) => catalog.audienceOf(resource)))];
}

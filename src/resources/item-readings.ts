import { ALL, parseScopeItem, type ScopeItem } from '../../packages/protocol/src/scope-item.js';
import type { Catalog } from './catalog.js';

/**
 * The meaning of an operation's name in the grammar, if that is registered. Such a name has two readings, and an API that
 * parses its items would use the other one. On the operation's own resource `users:read` is harmless until `read` is an
 * operation there too.
 */
export function readingBeside(
  name: string,
  owners: readonly string[],
  catalog: Catalog,
): ScopeItem | undefined {
  const item = parseScopeItem(name);
  if (!item) return undefined;
  const { resource, operation } = item;
  if (resource === ALL) return item;
  if (!catalog.find(resource)) return undefined;
  const isOfAnother = owners.some((owner) => owner !== resource);
  return isOfAnother || operation === ALL || catalog.hasOperation(resource, operation) ? item : undefined;
}

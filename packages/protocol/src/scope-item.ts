import { isOwnType } from './own-type.js';

/** A parsed item; each part is a literal, or `*` for all. */
export interface ScopeItem {
  resource: string;
  identifier: string;
  operation: string;
}

export const ALL = '*';

/**
 * Parses `resource:identifier:operation` or a shorter form: `r` = `r:*:*`, `r:o` = `r:*:o`, `*` = `*:*` = `*:*:*`.
 * Returns undefined for an item outside this grammar: an empty segment, more than three, or a `*` inside a literal.
 */
export function parseScopeItem(item: string): ScopeItem | undefined {
  const segments = item.split(':');
  if (segments.length > 3 || !segments.every(isSegment)) return undefined;
  const [resource, second, third] = segments as [string, string?, string?];
  if (third !== undefined) return { resource, identifier: second as string, operation: third };
  return { resource, identifier: ALL, operation: second ?? ALL };
}

export const formatScopeItem = (item: ScopeItem): string =>
  `${item.resource}:${item.identifier}:${item.operation}`;

/** True for `*` and for a literal without `*`. */
export const isSegment = (segment: string): boolean =>
  segment === ALL || (segment !== '' && !segment.includes(ALL));

/** Whether `outer` covers everything that `inner` means; resource `*` never includes the server's own types. */
export function itemCovers(outer: ScopeItem, inner: ScopeItem): boolean {
  return (
    (outer.resource === inner.resource || (outer.resource === ALL && !isOwnType(inner.resource))) &&
    placeCovers(outer.identifier, inner.identifier) &&
    placeCovers(outer.operation, inner.operation)
  );
}

const placeCovers = (outer: string, inner: string): boolean => outer === ALL || outer === inner;

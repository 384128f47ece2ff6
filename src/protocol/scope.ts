import { invalidScope } from './oauth-error.js';

/** Per request, and per item. */
export const MAX_SCOPE_ITEMS = 2000;
export const MAX_SCOPE_ITEM_LENGTH = 256;

const SCOPE_SYNTAX = /^[\x20\x21\x23-\x5B\x5D-\x7E]*$/;
export const SCOPE_TOKEN = /^[\x21\x23-\x5B\x5D-\x7E]+$/;

/**
 * Splits a scope parameter into its items, in their order, without duplicates (RFC 6749 3.3).
 * Throws invalid_scope for characters outside the syntax and for more items or characters than allowed.
 */
export function parseScope(scope: string): string[] {
  if (!SCOPE_SYNTAX.test(scope)) throw invalidScope('scope contains characters outside RFC 6749 3.3');
  const items = scope.split(' ').filter((item) => item !== '');
  if (items.length > MAX_SCOPE_ITEMS) throw invalidScope(`scope contains more than ${MAX_SCOPE_ITEMS} items`);
  if (items.some((item) => item.length > MAX_SCOPE_ITEM_LENGTH)) {
    throw invalidScope(`a scope item is longer than ${MAX_SCOPE_ITEM_LENGTH} characters`);
  }
  return [...new Set(items)];
}

export const formatScope = (items: readonly string[]): string => items.join(' ');

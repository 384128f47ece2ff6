import { isDeepStrictEqual } from 'node:util';
import type { JsonObject } from '../documents/merge-patch.js';

/** Rolls back a write that changes nothing: no version, no event, no revision. */
export class Unchanged<T> extends Error {
  constructor(readonly stored: T) {
    super('the write changes nothing');
  }
}

/** Whether two views are equal apart from member order, versions and times. */
export function saysTheSame({ meta: _before, ...before }: JsonObject, after: JsonObject): boolean {
  const { meta: _after, ...rest } = after;
  return isDeepStrictEqual(before, rest);
}

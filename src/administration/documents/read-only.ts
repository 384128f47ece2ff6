import { isDeepStrictEqual } from 'node:util';
import type { Fault } from '../../protocol/problem.js';
import type { JsonObject } from './merge-patch.js';

export const READ_ONLY = 'is read-only: omit it, or send the current value';

/** Read-only members for which a request supplies a different value, including null. */
export const changedReadOnly = (
  shown: JsonObject,
  given: JsonObject,
  names: readonly string[],
  message = READ_ONLY,
): Fault[] =>
  names
    .filter((name) => given[name] !== undefined && !isDeepStrictEqual(given[name], shown[name]))
    .map((path) => ({ path, message }));

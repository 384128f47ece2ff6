import { isDeepStrictEqual } from 'node:util';
import type { Fault } from '../../../protocol/problem.js';
import type { JsonObject } from './merge-patch.js';

export const READ_ONLY = 'is read-only: omit it, or send the current value';

/** Members that only the server writes and that a request gives another value, null included. */
export const changedReadOnly = (
  shown: JsonObject,
  given: JsonObject,
  names: readonly string[],
  message = READ_ONLY,
): Fault[] =>
  names
    .filter((name) => given[name] !== undefined && !isDeepStrictEqual(given[name], shown[name]))
    .map((path) => ({ path, message }));

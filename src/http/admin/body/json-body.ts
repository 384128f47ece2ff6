import { parseJson, repeatedMember, TooDeep } from '../../../protocol/json-text.js';
import { unreadable } from '../../../protocol/problem.js';

/** Parses strict JSON. `check` receives the value before the text is scanned again for repeated members. */
export function readJson(text: string, check: (value: unknown) => void): unknown {
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (error) {
    throw unreadable(error instanceof TooDeep ? `the body is ${error.message}` : 'the body is not JSON');
  }
  check(value);
  const path = repeatedMember(text);
  if (path !== undefined) throw unreadable('a member occurs twice', [{ path, message: 'occurs twice' }]);
  return value;
}

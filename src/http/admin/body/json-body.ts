import { unreadable } from '../../../protocol/problem.js';
import { repeatedMember } from '../../../protocol/repeated-member.js';

/** Reads strict JSON. `check` sees the value before its text is walked again for repeated members. */
export function readJson(text: string, check: (value: unknown) => void): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw unreadable('the body is not JSON');
  }
  check(value);
  const path = repeatedMember(text);
  if (path !== undefined) throw unreadable('a member is given twice', [{ path, message: 'is given twice' }]);
  return value;
}

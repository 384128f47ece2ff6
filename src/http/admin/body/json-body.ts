import { visit } from 'jsonc-parser';
import { unreadable } from '../../../protocol/problem.js';

/** Reads strict JSON. `check` sees the value before its text is walked again for repeated members. */
export function readJson(text: string, check: (value: unknown) => void): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw unreadable('the body is not JSON');
  }
  check(value);
  refuseRepeatedMembers(text);
  return value;
}

/** JSON.parse lets the last of two equal members win, other readers the first (RFC 8259 4). */
function refuseRepeatedMembers(text: string): void {
  const open: Set<string>[] = [];
  visit(text, {
    onObjectBegin: () => {
      open.push(new Set());
    },
    onObjectProperty: (name) => {
      const seen = open.at(-1);
      if (seen?.has(name))
        throw unreadable('a member is given twice', [{ path: name, message: 'is given twice' }]);
      seen?.add(name);
    },
    onObjectEnd: () => {
      open.pop();
    },
  });
}

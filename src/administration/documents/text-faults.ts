import type { Fault } from '../../protocol/problem.js';
import { UNSTORABLE } from '../../protocol/unstorable.js';
import { canAddFault } from './item-faults.js';
import { itemPath, memberPath } from './member-path.js';
import type { JsonObject } from './merge-patch.js';

const LONE_SURROGATE = /\p{Surrogate}/u;
const LINE_BREAK = 'ends with a line break; in YAML use |- instead of |';

/** The faults of a body's text at any depth: characters that a database or log cannot store. */
export function textFaults(value: unknown, path = ''): Fault[] {
  const faults: Fault[] = [];
  addFaults(faults, value, () => path);
  return faults;
}

/** Builds a path only for a fault, not for each of a hundred thousand values. */
function addFaults(faults: Fault[], value: unknown, path: () => string): void {
  if (typeof value === 'string') {
    if (UNSTORABLE.test(value)) faults.push({ path: path(), message: messageFor(value) });
  } else if (Array.isArray(value)) {
    for (let at = 0; at < value.length && canAddFault(faults); at++) {
      const item = value[at];
      if (typeof item === 'object' || (typeof item === 'string' && UNSTORABLE.test(item)))
        addFaults(faults, item, () => itemPath(path(), at));
    }
  } else if (typeof value === 'object' && value !== null) {
    for (const name of Object.keys(value)) {
      if (!canAddFault(faults)) return;
      const own = () => memberPath(path(), name);
      // A name inherited by every object would be skipped by code that copies members.
      if (name in Object.prototype) faults.push({ path: own(), message: 'unknown member' });
      else addFaults(faults, (value as JsonObject)[name], own);
    }
  }
}

function messageFor(text: string): string {
  if (LONE_SURROGATE.test(text)) return 'contains an unpaired surrogate';
  return /^[^\p{Control}]*\n+$/u.test(text) ? LINE_BREAK : 'contains a control character';
}

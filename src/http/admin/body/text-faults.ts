import type { Fault } from '../../../protocol/problem.js';
import { isToGoOn } from './item-faults.js';
import { itemPath, memberPath } from './member-path.js';
import type { JsonObject } from './merge-patch.js';

const LONE_SURROGATE = /\p{Surrogate}/u;
const LINE_BREAK = 'ends with a line break; in YAML use |- instead of |';
/** Most text has none of it. */
const ANY_FAULT = /[\p{Surrogate}\p{Control}]/u;

/** What is wrong with the text of a body, at any depth: what no database or log can take as it is. */
export function textFaults(value: unknown, path = ''): Fault[] {
  const faults: Fault[] = [];
  addFaults(faults, value, () => path);
  return faults;
}

/** Paths are put together where there is a fault, not for each of a hundred thousand values. */
function addFaults(faults: Fault[], value: unknown, path: () => string): void {
  if (typeof value === 'string') {
    if (ANY_FAULT.test(value)) faults.push({ path: path(), message: messageFor(value) });
  } else if (Array.isArray(value)) {
    for (let at = 0; at < value.length && isToGoOn(faults); at++) {
      const item = value[at];
      if (typeof item === 'object' || (typeof item === 'string' && ANY_FAULT.test(item)))
        addFaults(faults, item, () => itemPath(path(), at));
    }
  } else if (typeof value === 'object' && value !== null) {
    for (const name of Object.keys(value)) {
      if (!isToGoOn(faults)) return;
      const own = () => memberPath(path(), name);
      // A name that every object has by itself would be overlooked by what copies members.
      if (name in Object.prototype) faults.push({ path: own(), message: 'unknown member' });
      else addFaults(faults, (value as JsonObject)[name], own);
    }
  }
}

function messageFor(text: string): string {
  if (LONE_SURROGATE.test(text)) return 'contains an unpaired surrogate';
  return /^[^\p{Control}]*\n+$/u.test(text) ? LINE_BREAK : 'contains a control character';
}

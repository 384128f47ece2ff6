import type { Fault } from '../../../protocol/problem.js';
import { itemPath, memberPath } from './member-path.js';

const LONE_SURROGATE = /\p{Surrogate}/u;
const LINE_BREAK = 'ends with a line break; in YAML write |- in the place of |';
const CONTROL = /\p{Control}/u;

/** What is wrong with the text of a body, at any depth: what no database or log can take as it is. */
export function textFaults(value: unknown, path = ''): Fault[] {
  if (typeof value === 'string') return faultOfText(value, path);
  if (Array.isArray(value))
    return value.flatMap((item, position) => textFaults(item, itemPath(path, position)));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => {
    const at = memberPath(path, name);
    // A name that every object has by itself would be overlooked by what copies members.
    return name in Object.prototype ? [{ path: at, message: 'is not a member' }] : textFaults(member, at);
  });
}

function faultOfText(text: string, path: string): Fault[] {
  if (LONE_SURROGATE.test(text)) return [{ path, message: 'holds half a character' }];
  if (/^[^\p{Control}]*\n+$/u.test(text)) return [{ path, message: LINE_BREAK }];
  if (CONTROL.test(text)) return [{ path, message: 'holds a control character' }];
  return [];
}

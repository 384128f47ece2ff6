import { isObject, type SourceObject } from './source-object.js';

const KEY = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;
const VALUE = /^(?:[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$/;

/** The members of free metadata that can be labels. */
export function labelsOf(object: SourceObject, member: string): Record<string, string> | undefined {
  if (!isObject(object.peek(member))) return undefined;
  const metadata = object.nested(member);
  if (!metadata) return undefined;
  const labels: Record<string, string> = {};
  for (const [name, value] of Object.entries(object.peek(member) as object)) {
    const isLabel = KEY.test(name) && typeof value === 'string' && VALUE.test(value);
    if (isLabel) {
      metadata.changed(name, 'a label');
      labels[name] = value;
    } else {
      const why = 'a label has 1 to 63 letters, digits, . _ - in its name, and no more in its value';
      metadata.lost(name, { group: 'metadata', why });
    }
  }
  return Object.keys(labels).length > 0 ? labels : undefined;
}

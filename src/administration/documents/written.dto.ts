import { isId } from '../../protocol/identifier.js';
import type { Fault } from '../../protocol/problem.js';
import { type Check, Is, Optional, Unchecked } from './member-checks.js';
import { isObject, type JsonObject } from './merge-patch.js';

export const ID_MESSAGE = 'must be 1 to 64 characters of A-Z a-z 0-9 . _ -, the first a letter or digit';

const META_MEMBERS: ReadonlySet<string> = new Set(['versionId', 'createdAt', 'lastUpdated']);

const meta: Check = (value) => {
  if (!isObject(value)) return 'must be an object';
  const unknown = Object.keys(value).find((name) => !META_MEMBERS.has(name));
  return unknown === undefined ? undefined : `is read-only and has no member ${unknown}`;
};

/** Members of a response that a request may repeat: they must match; the values in `meta` may be older. */
export abstract class WrittenMembers {
  @Unchecked()
  resourceType?: unknown;

  @Optional()
  @Is((value) => (isId(value) ? undefined : ID_MESSAGE))
  id?: unknown;

  @Optional()
  @Is(meta)
  meta?: unknown;
}

export function disagreements({ resourceType, id }: JsonObject, type: string, itsId: unknown): Fault[] {
  const faults: Fault[] = [];
  if (resourceType !== undefined && resourceType !== type) {
    faults.push({ path: 'resourceType', message: `must be ${type} here` });
  }
  if (id !== undefined && id !== itsId) faults.push({ path: 'id', message: 'must be the id in the path' });
  return faults;
}

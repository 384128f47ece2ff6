import { Is, Optional, oneOf } from '../body/member-checks.js';
import { itemPath, memberPath } from '../body/member-path.js';
import { isObject, type JsonObject } from '../body/merge-patch.js';
import { isId } from '../../../protocol/identifier.js';

const CLIENT_REFERENCE = /^Client\/(.*)$/s;

/** Names a client: `{resourceType: Client, id}`, or `{reference: Client/id}`. */
export class ClientReference {
  @Optional()
  @Is(oneOf(['Client']))
  resourceType?: 'Client';

  @Is((value, owner) => {
    if ('reference' in owner) return value === undefined ? undefined : 'goes without reference';
    return isId(value) ? undefined : 'must be the id of a client';
  })
  id?: string;

  @Is((value, owner) => {
    if (value === undefined) return undefined;
    if ('resourceType' in owner) return 'goes without resourceType and id';
    return isId(referredId(value)) ? undefined : 'must be Client/ and the id of a client';
  })
  reference?: string;
}

/** Where a reference names a client, and which. */
export interface NamedClient {
  path: string;
  id: string;
}

/** The clients that a list of references names; items that are no reference are passed over. */
export function namedClients(list: unknown, path: string): NamedClient[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((item, position) => {
    if (!isObject(item)) return [];
    const member = item.reference === undefined ? 'id' : 'reference';
    const id = member === 'id' ? item.id : referredId(item.reference);
    return isId(id) ? [{ path: memberPath(itemPath(path, position), member), id }] : [];
  });
}

export const referencesTo = (ids: readonly string[]): JsonObject[] =>
  ids.map((id) => ({ resourceType: 'Client', id }));

const referredId = (reference: unknown): string | undefined =>
  typeof reference === 'string' ? CLIENT_REFERENCE.exec(reference)?.[1] : undefined;

import type { ClientsRepository } from '../../clients/clients.repository.js';
import { isId } from '../../protocol/identifier.js';
import type { Fault } from '../../protocol/problem.js';
import { Is, Optional } from './member-checks.js';
import { itemPath, memberPath } from './member-path.js';
import { isObject, type JsonObject } from './merge-patch.js';

const CLIENT_REFERENCE = /^Client\/(.*)$/s;

/** Names a client: `{resourceType: Client, id}`, or `{reference: Client/id}`. */
export class ClientReference {
  @Is((value, owner) => {
    if ('reference' in owner) return value === undefined ? undefined : 'cannot be combined with reference';
    return value === 'Client' ? undefined : 'must be Client';
  })
  resourceType?: 'Client';

  @Is((value, owner) => {
    if ('reference' in owner) return value === undefined ? undefined : 'cannot be combined with reference';
    return isId(value) ? undefined : 'must be the id of a client';
  })
  id?: string;

  @Optional()
  @Is((value) => (isId(referredId(value)) ? undefined : 'must be Client/{id}'))
  reference?: string;
}

/** A client id and the path of its reference. */
export interface NamedClient {
  path: string;
  id: string;
}

/** The clients named in a list of references; items that are not references are skipped. */
export function namedClients(list: unknown, path: string): NamedClient[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((item, position) => {
    if (!isObject(item)) return [];
    const member = item.reference === undefined ? 'id' : 'reference';
    const id = member === 'id' ? item.id : referredId(item.reference);
    return isId(id) ? [{ path: memberPath(itemPath(path, position), member), id }] : [];
  });
}

/** References to clients that do not exist. */
export async function unknownClients(
  list: unknown,
  path: string,
  clients: ClientsRepository,
): Promise<Fault[]> {
  const named = namedClients(list, path);
  const existing = await clients.existing(named.map(({ id }) => id));
  return named
    .filter(({ id }) => !existing.has(id))
    .map((reference) => ({ path: reference.path, message: `Client ${reference.id} does not exist` }));
}

export const referencesTo = (ids: readonly string[]): JsonObject[] =>
  ids.map((id) => ({ resourceType: 'Client', id }));

const referredId = (reference: unknown): string | undefined =>
  typeof reference === 'string' ? CLIENT_REFERENCE.exec(reference)?.[1] : undefined;

import { isId } from '../../protocol/identifier.js';
import { assertNoFaults, type Fault } from '../../protocol/problem.js';
import type { ConfigurationTypeName } from '../configuration/configuration-audit.js';
import { type Check, Is, Nested, NestedList, Optional, oneOf } from '../documents/member-checks.js';
import { itemPath } from '../documents/member-path.js';
import { MembersReading } from '../documents/members.js';
import { isObject, type JsonObject } from '../documents/merge-patch.js';
import { ID_MESSAGE } from '../documents/written.dto.js';

/** What one write takes on every engine without holding up other writes for longer than they wait. */
export const MAX_BUNDLE_ENTRIES = 2000;

const METHODS = ['PUT', 'POST', 'PATCH', 'DELETE'] as const;

export type EntryMethod = (typeof METHODS)[number];

/** One write of a Bundle. */
export interface BundleEntry {
  /** Its place in the request, from 0. */
  position: number;
  type: ConfigurationTypeName;
  method: EntryMethod;
  /** Absent only in a POST, for a document without an id. */
  id: string | undefined;
  /** Absent only in a DELETE. */
  body: JsonObject | undefined;
  conditions: { 'if-match'?: string; 'if-none-match'?: string };
  /** Whether it is the request itself instead of an entry, as its errors say. */
  isAlone?: true;
}

/** The write of one document outside a Bundle. */
export const entryAlone = (type: ConfigurationTypeName, body: JsonObject): BundleEntry => ({
  ...(isId(body.id) ? { method: 'PUT', id: body.id } : { method: 'POST', id: undefined }),
  ...{ position: 0, type, body, conditions: {}, isAlone: true },
});

const entityTags: Check = (value) => (typeof value === 'string' ? undefined : 'must be an ETag, such as "3"');

class EntryRequestMembers {
  @Is(oneOf(METHODS))
  method!: EntryMethod;

  @Is((value) => (typeof value === 'string' ? undefined : 'must be an address, such as Client/api-client'))
  url!: string;

  @Optional()
  @Is(entityTags)
  ifMatch?: string;

  @Optional()
  @Is(entityTags)
  ifNoneMatch?: string;
}

class EntryMembers {
  @Optional()
  @Is((value) => (isObject(value) ? undefined : 'must be an object'))
  resource?: JsonObject;

  @Nested(() => EntryRequestMembers)
  request!: EntryRequestMembers;
}

/** The members of a Bundle that is written as a whole. */
class BundleMembers {
  @Optional()
  @Is(oneOf(['Bundle']))
  resourceType?: string;

  @Is((value) =>
    value === 'transaction'
      ? undefined
      : 'must be transaction: the entries are written together or not at all; send them one by one otherwise',
  )
  type!: string;

  @NestedList(() => EntryMembers, { least: 1, most: MAX_BUNDLE_ENTRIES })
  entry!: EntryMembers[];
}

/** The entries of a Bundle, each of a type among `types`; throws 422 with every fault. */
export function readBundle(body: JsonObject, types: readonly ConfigurationTypeName[]): BundleEntry[] {
  const { entry } = new MembersReading(BundleMembers, body).take();
  const faults: Fault[] = [];
  const seen = new Set<string>();
  const entries = entry.map((members, position) => {
    const path = itemPath('entry', position);
    const target = targetOf(members.request.url, types);
    if (!target) {
      faults.push({ path: `${path}.request.url`, message: `must be one of ${types.join(', ')}, with an id` });
      return undefined;
    }
    faults.push(...faultsOf(members, target, path));
    const id = target.id ?? idOf(members.resource);
    const name = `${target.type}/${id}`;
    if (id !== undefined && seen.has(name)) {
      faults.push({ path: `${path}.request.url`, message: 'occurs in several entries' });
    }
    seen.add(name);
    return entryOf(members, { type: target.type, id }, position);
  });
  assertNoFaults(faults);
  return entries.filter((one) => one !== undefined);
}

interface Target {
  type: ConfigurationTypeName;
  id: string | undefined;
}

function targetOf(url: string, types: readonly ConfigurationTypeName[]): Target | undefined {
  const [name, id, ...rest] = url.replace(/^\//, '').split('/');
  const type = types.find((one) => one === name);
  return type && rest.length === 0 ? { type, id } : undefined;
}

const idOf = (resource: JsonObject | undefined): string | undefined =>
  isId(resource?.id) ? resource.id : undefined;

function faultsOf({ request, resource }: EntryMembers, { id }: Target, path: string): Fault[] {
  const faults: Fault[] = [];
  const { method } = request;
  const isNew = method === 'POST';
  if (isNew && id !== undefined) {
    faults.push({ path: `${path}.request.url`, message: 'must name the type only in a POST' });
  }
  if (!isNew && !isId(id)) faults.push({ path: `${path}.request.url`, message: `its id ${ID_MESSAGE}` });
  if (isNew && (request.ifMatch ?? request.ifNoneMatch) !== undefined) {
    faults.push({ path: `${path}.request`, message: 'must have no conditions in a POST' });
  }
  if (method === 'DELETE' && resource !== undefined) {
    faults.push({ path: `${path}.resource`, message: 'must be absent in a DELETE' });
  }
  if (method !== 'DELETE' && resource === undefined) {
    faults.push({ path: `${path}.resource`, message: 'is required' });
  }
  return faults;
}

const entryOf = ({ request, resource }: EntryMembers, target: Target, position: number): BundleEntry => ({
  ...target,
  position,
  method: request.method,
  body: resource,
  conditions: {
    ...(request.ifMatch === undefined ? {} : { 'if-match': request.ifMatch }),
    ...(request.ifNoneMatch === undefined ? {} : { 'if-none-match': request.ifNoneMatch }),
  },
});

import { isOwnType } from '../../../packages/protocol/src/own-type.js';
import { ALL } from '../../../packages/protocol/src/scope-item.js';
import { type Client, permitsAudience } from '../../clients/client.js';
import { type CompiledPolicies, UNNAMED } from '../../policies/compiled-policies.js';
import type { Catalog } from '../../resources/catalog.js';
import type { Resource } from '../../resources/resource.js';

/** At about a microsecond each. */
const MAX_DECISIONS = 20_000;
const MAX_ITEMS = 2_000;

/** One operation that is granted. */
export interface ReachedOperation {
  name: string;
  /** Those on which it is granted; `*` is every one. */
  identifiers: string[];
  /** Whether rules deny some of those that `*` includes. */
  some_denied?: true;
}

/** The operations of a client on one resource. */
export interface ReachedResource {
  resource: string;
  audience: string;
  operations: ReachedOperation[];
}

export interface Reach {
  resources: ReachedResource[];
  /** Whether there is more than fits into an answer. */
  more: boolean;
}

/** What the policies grant a client now, on every resource of an audience that it may ask for. To run in slices. */
export function* reachOf(
  client: Client,
  policies: CompiledPolicies,
  catalog: Catalog,
): Generator<void, Reach> {
  const reach: Reach = { resources: [], more: false };
  let decisions = 0;
  let items = 0;
  for (const resource of catalog.all()) {
    yield;
    if (!policies.names(resource.id) || !isReachable(client, resource, catalog)) continue;
    const operations: ReachedOperation[] = [];
    for (const { name } of resource.operations) {
      const identifiers = [ALL, ...policies.identifiersOf(resource.id, name)];
      decisions += identifiers.length;
      items += identifiers.length;
      if (decisions > MAX_DECISIONS || items > MAX_ITEMS) return { ...reach, more: true };
      const granted = operationOf(policies, resource.id, name, identifiers);
      if (granted) operations.push(granted);
      yield;
    }
    if (operations.length > 0)
      reach.resources.push({ resource: resource.id, audience: catalog.audienceOf(resource), operations });
  }
  return reach;
}

function operationOf(
  policies: CompiledPolicies,
  resource: string,
  name: string,
  named: readonly string[],
): ReachedOperation | undefined {
  const isGranted = (identifier: string) => policies.grants({ resource, identifier, operation: name });
  if (isGranted(ALL)) return { name, identifiers: [ALL] };
  if (isGranted(UNNAMED)) return { name, identifiers: [ALL], some_denied: true };
  const identifiers = [...new Set(named)].filter(isGranted);
  return identifiers.length > 0 ? { name, identifiers } : undefined;
}

/** By Basic, a client administers without a token. */
const isReachable = (client: Client, resource: Resource, catalog: Catalog): boolean =>
  permitsAudience(client, catalog.audienceOf(resource)) ||
  (isOwnType(resource.id) && client.grantTypes.includes('basic'));

import type { Holdings } from '../../../policies/holdings.js';
import { formatScopeItem, type ScopeItem } from '../../../protocol/scope-item.js';
import type { Catalog } from '../../../resources/catalog.js';
import type { Resource } from '../../../resources/resource.js';
import type { Missing } from './missing.js';

/** A write of a resource; null: the resource is not there. */
export interface ResourceChange {
  before: Resource | null;
  after: Resource | null;
}

/**
 * What the caller lacks for this write of a resource. Who shares an audience shares its tokens: whatever reaches the
 * tokens of other resources needs the right to change those. `users` are the clients that have tokens for the audience
 * which this write registers: it decides from then on what these carry, and who sees them.
 */
export function missingForResource(
  caller: Holdings,
  change: ResourceChange,
  catalog: Catalog,
  users: readonly string[],
): Missing | undefined {
  const needed = [
    ...reachedBy(change, catalog).map((id): ScopeItem => updateOf('Resource', id)),
    ...users.map((id): ScopeItem => updateOf('Client', id)),
  ];
  const missing = needed.find((item) => !caller.may(item));
  if (!missing) return undefined;
  const permission = formatScopeItem(missing);
  return {
    description: `the caller lacks ${permission}, which is required because this changes the tokens of ${missing.identifier}`,
    permission,
  };
}

/** The audience that this write registers; undefined: it was registered before, or none is put to use. */
export function registeredBy({ after }: ResourceChange, catalog: Catalog): string | undefined {
  const audience = after?.audience ?? undefined;
  return audience === undefined || catalog.isAudience(audience) ? undefined : audience;
}

/** The audience that no resource has any more after this write. */
export function unregisteredBy({ before, after }: ResourceChange, catalog: Catalog): string | undefined {
  const audience = before?.audience ?? undefined;
  if (audience === undefined || after?.audience === audience) return undefined;
  return catalog.withAudience(audience).some(({ id }) => id !== before?.id) ? undefined : audience;
}

const updateOf = (resource: 'Resource' | 'Client', identifier: string): ScopeItem => ({
  resource,
  identifier,
  operation: 'update',
});

/** The other resources whose tokens this changes, by id. */
function reachedBy({ before, after }: ResourceChange, catalog: Catalog): string[] {
  const id = (after ?? before)?.id;
  const left = before && catalog.audienceOf(before);
  const entered = after && catalog.audienceOf(after);
  const sharing = (audience: string | null) =>
    audience === null ? [] : catalog.withAudience(audience).filter((other) => other.id !== id);
  // An audience without any operation has tokens without a scope.
  const isBare = (others: readonly Resource[]) => others.every(({ operations }) => operations.length === 0);
  if (left !== entered) {
    const leftBehind = sharing(left);
    const reachesAll = hasSettings(before) || (namesOf(before).size > 0 && isBare(leftBehind));
    const leaving = leftBehind.filter((other) => reachesAll || hasAny(other, namesOf(before)));
    return idsOf([...sharing(entered), ...leaving]);
  }
  const others = sharing(entered);
  const reachesAll =
    JSON.stringify(settingsOf(before)) !== JSON.stringify(settingsOf(after)) ||
    (isBare(others) && namesOf(before).size > 0 !== namesOf(after).size > 0) ||
    // A token without items is for every resource of the server's own audience, or of one without any operation.
    ((entered === catalog.ownAudience || isBare(others)) && addsIntrospection(before, after));
  const changed = difference(namesOf(before), namesOf(after));
  return idsOf(others.filter((other) => reachesAll || hasAny(other, changed)));
}

const idsOf = (resources: readonly Resource[]): string[] => [...new Set(resources.map(({ id }) => id))];

const namesOf = (resource: Resource | null): Set<string> =>
  new Set(resource?.operations.map(({ name }) => name));

const hasAny = ({ operations }: Resource, names: ReadonlySet<string>): boolean =>
  operations.some(({ name }) => names.has(name));

const difference = (one: ReadonlySet<string>, other: ReadonlySet<string>): Set<string> =>
  new Set([...[...one].filter((name) => !other.has(name)), ...[...other].filter((name) => !one.has(name))]);

const hasSettings = (resource: Resource | null): boolean =>
  resource !== null && Object.keys(resource.token).length > 0;

const settingsOf = (resource: Resource | null): unknown[] => [
  resource?.token.accessTokenExpirationSeconds,
  resource?.token.signingAlg,
  resource?.token.profile,
];

function addsIntrospection(before: Resource | null, after: Resource | null): boolean {
  const named = new Set(before?.introspectionClients);
  return (after?.introspectionClients ?? []).some((id) => !named.has(id));
}

import { formatScopeItem, type ScopeItem } from '../../../packages/protocol/src/scope-item.js';
import type { Holdings } from '../../policies/holdings.js';
import type { Catalog } from '../../resources/catalog.js';
import type { Resource } from '../../resources/resource.js';
import type { Missing } from './missing.js';

/** Of an audience, with which a JWT for all its operations is within its limit: see docs/administration.md. */
const MAX_FREE_OPERATIONS = 200;
const MAX_FREE_CHARACTERS = 4000;

/** A write of a resource; null: it does not exist. */
export interface ResourceChange {
  before: Resource | null;
  after: Resource | null;
  /** The stored form, if the write is judged as a creation although the resource exists. */
  replaced?: Resource | null;
}

/**
 * What the caller lacks for this write of a resource. Resources with one audience share its tokens, so a write that
 * affects the tokens of other resources requires the right to update those. `users` are the clients with tokens for
 * the audience that this write registers: it decides from then on what those tokens carry and which clients may
 * introspect them.
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

/** The audience that this write registers; undefined if it was registered before or there is none. */
export function registeredBy({ after }: ResourceChange, catalog: Catalog): string | undefined {
  const audience = after?.audience ?? undefined;
  return audience === undefined || catalog.isAudience(audience) ? undefined : audience;
}

const updateOf = (resource: 'Resource' | 'Client', identifier: string): ScopeItem => ({
  resource,
  identifier,
  operation: 'update',
});

/** The other resources whose tokens this write affects, by id. */
function reachedBy({ before, after }: ResourceChange, catalog: Catalog): string[] {
  const id = (after ?? before)?.id;
  const left = before && catalog.audienceOf(before);
  const entered = after && catalog.audienceOf(after);
  const sharing = (audience: string | null) =>
    audience === null ? [] : catalog.withAudience(audience).filter((other) => other.id !== id);
  // For an audience without operations, tokens have no scope.
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
    // A token without items is valid for every resource of the server's own audience, or of one without operations.
    ((entered === catalog.ownAudience || isBare(others)) && addsIntrospection(before, after));
  const isCrowded = hasAddedName(before, after) && isLarge(after ? [...others, after] : others);
  const changed = difference(namesOf(before), namesOf(after));
  return idsOf(others.filter((other) => reachesAll || isCrowded || hasAny(other, changed)));
}

const idsOf = (resources: readonly Resource[]): string[] => [...new Set(resources.map(({ id }) => id))];

const namesOf = (resource: Resource | null): Set<string> =>
  new Set(resource?.operations.map(({ name }) => name));

const hasAny = ({ operations }: Resource, names: ReadonlySet<string>): boolean =>
  operations.some(({ name }) => names.has(name));

const hasAddedName = (before: Resource | null, after: Resource | null): boolean => {
  const known = namesOf(before);
  return [...namesOf(after)].some((name) => !known.has(name));
};

/** Whether a token without a scope for all operations of an audience could become too long for those that hold it. */
function isLarge(resources: readonly Resource[]): boolean {
  const names = resources.flatMap(({ operations }) => operations.map(({ name }) => name));
  return names.length > MAX_FREE_OPERATIONS || names.join(' ').length > MAX_FREE_CHARACTERS;
}

const difference = (one: ReadonlySet<string>, other: ReadonlySet<string>): Set<string> =>
  new Set([...[...one].filter((name) => !other.has(name)), ...[...other].filter((name) => !one.has(name))]);

const hasSettings = (resource: Resource | null): boolean =>
  resource !== null && (Object.keys(resource.token).length > 0 || (resource.claims ?? null) !== null);

const settingsOf = (resource: Resource | null): unknown[] => [
  resource?.token.accessTokenExpirationSeconds,
  resource?.token.signingAlg,
  resource?.token.profile,
  resource?.claims ?? null,
];

function addsIntrospection(before: Resource | null, after: Resource | null): boolean {
  const named = new Set(before?.introspectionClients);
  return (after?.introspectionClients ?? []).some((id) => !named.has(id));
}

import { ALL, parseScopeItem } from '../../../packages/protocol/src/scope-item.js';
import type { Policy } from '../../policies/policy.js';
import type { Catalog } from '../../resources/catalog.js';
import type { PolicyLayer } from './client-groups.js';
import type { AudienceHolder } from './held-audiences.js';
import type { Missing } from './missing.js';
import type { ResourceChange } from './resource-escalation.js';

/** The catalog before and after a write of a resource. */
export interface CatalogChange {
  before: Catalog;
  after: Catalog;
}

export const catalogChange = ({ before, after }: ResourceChange, catalog: Catalog): CatalogChange => ({
  before: catalog,
  after: after ? catalog.with(after) : catalog.without(before?.id ?? ''),
});

/** The audiences that were registered and in which this write changes the resources or their operations. */
export function reshapedAudiences({ before, after }: ResourceChange, catalog: Catalog): string[] {
  const shapeOf = (resource: typeof before) =>
    resource && JSON.stringify([resource.audience, resource.operations.map(({ name }) => name).sort()]);
  if (shapeOf(before) === shapeOf(after)) return [];
  const touched = [before, after].flatMap((resource) => (resource ? [catalog.audienceOf(resource)] : []));
  return [...new Set(touched)].filter(
    (audience) => audience !== catalog.ownAudience && catalog.isAudience(audience),
  );
}

/**
 * The resources whose rules decide who gains what by this write: those of the audiences that it touches, and those that
 * the name of an operation there can be read as.
 */
export function touchedResources(change: ResourceChange, { before, after }: CatalogChange): Set<string> {
  const written = [change.before, change.after].filter((resource) => resource !== null);
  const audiences = new Set(written.map((resource) => before.audienceOf(resource)));
  const resources = [...audiences].flatMap((audience) =>
    [before, after].flatMap((catalog) => catalog.withAudience(audience)),
  );
  const read = resources.flatMap(({ operations }) =>
    operations.flatMap(({ name }) => (name.includes(':') ? (parseScopeItem(name)?.resource ?? []) : [])),
  );
  return new Set([...resources.map(({ id }) => id), ...read]);
}

/** The policies with their rules on these resources only, and without those that have none. */
export function* policiesOn(
  policies: readonly Policy[],
  resources: ReadonlySet<string>,
): Generator<void, Policy[]> {
  const found: Policy[] = [];
  for (const policy of policies) {
    const rules = policy.rules.filter(({ resource }) => resource === ALL || resources.has(resource));
    if (rules.length > 0 || policy.engine === 'allow') found.push({ ...policy, rules });
    yield;
  }
  return found;
}

/** The layers with a deny rule in this audience, before or after the write. */
export const denyingLayers = (
  layers: readonly PolicyLayer[],
  audience: string,
  { before, after }: CatalogChange,
): Set<PolicyLayer> => {
  const isTouched = (id: string) =>
    id === ALL || [before, after].some((catalog) => isIn(catalog, audience, id));
  return new Set(layers.filter(({ denies }) => [...denies.keys()].some(isTouched)));
};

function isIn(catalog: Catalog, audience: string, id: string): boolean {
  const resource = catalog.find(id);
  return resource !== undefined && catalog.audienceOf(resource) === audience;
}

/** Whether the caller could have the audience itself, both before and after the write. Run in slices. */
export function* holdsThroughout(
  { holdings, reach }: AudienceHolder,
  audience: string,
  { before, after }: CatalogChange,
): Generator<void, boolean> {
  if (holdings.hasScope) return false;
  if (holdings.administersEverything) return true;
  return (yield* reach.find(audience, before)) && (yield* reach.find(audience, after));
}

/** What the caller lacks for letting this client have tokens for the audience. */
export const missingForGain = (audience: string, client: string): Missing => ({
  description: `this would let ${client === '' ? 'clients without an audience list' : `the client ${client}`} have tokens for ${audience}, which the caller does not hold`,
});

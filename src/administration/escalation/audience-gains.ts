import { ALL } from '../../../packages/protocol/src/scope-item.js';
import { CompiledPolicies } from '../../policies/compiled-policies.js';
import { appliesTo, type Policy } from '../../policies/policy.js';
import { denyRulesOf } from '../../policies/rule-cover.js';
import type { Catalog } from '../../resources/catalog.js';
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

/** Clients without a list to which the same policies apply; those that no policy names have the id ''. */
export interface ClientGroup {
  policies: Policy[];
  clientIds: string[];
}

/** The groups that a deny rule restricts in this audience, before or after the write. */
export function deniedGroups(
  policies: readonly Policy[],
  audience: string,
  { before, after }: CatalogChange,
): ClientGroup[] {
  const resources = [before, after].flatMap((catalog) => catalog.withAudience(audience));
  const named = new Set([ALL, ...resources.map(({ id }) => id)]);
  const denies = (policy: Policy) => denyRulesOf(policy).some(({ resource }) => named.has(resource));
  return groupsOf(policies).filter((group) => group.policies.some(denies));
}

export function groupsOf(policies: readonly Policy[]): ClientGroup[] {
  const forEveryone = policies.filter(({ everyone }) => everyone);
  const applying = new Map<string, Policy[]>([['', []]]);
  for (const policy of policies) {
    for (const id of [...policy.clientIds, ...policy.exceptIds]) {
      const linked = applying.get(id) ?? [];
      if (!policy.everyone) linked.push(policy);
      applying.set(id, linked);
    }
  }
  const groups = new Map<string, ClientGroup>();
  for (const [clientId, linked] of applying) {
    const all = [...linked, ...forEveryone.filter((policy) => appliesTo(policy, clientId))];
    const key = all.map(({ id }) => id).join(' ');
    const group = groups.get(key) ?? { policies: all, clientIds: [] };
    group.clientIds.push(clientId);
    groups.set(key, group);
  }
  return [...groups.values()];
}

export const compiledOf = ({ policies }: ClientGroup): CompiledPolicies => new CompiledPolicies(policies);

/** Whether the caller could have the audience itself, both before and after the write. */
export const holdsThroughout = (
  { holdings, reach }: AudienceHolder,
  audience: string,
  { before, after }: CatalogChange,
): boolean =>
  !holdings.hasScope &&
  (holdings.administersEverything || (reach.has(audience, before) && reach.has(audience, after)));

/** What the caller lacks for letting this client have tokens for the audience. */
export const missingForGain = (audience: string, client: string): Missing => ({
  description: `this would let ${client === '' ? 'clients without an audience list' : `the client ${client}`} have tokens for ${audience}, which the caller does not hold`,
});

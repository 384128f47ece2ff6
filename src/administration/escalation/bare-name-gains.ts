import { ALL, type ScopeItem } from '../../../packages/protocol/src/scope-item.js';
import type { CompiledPolicies } from '../../policies/compiled-policies.js';
import { meaningOf } from '../../policies/decision.js';
import type { Policy } from '../../policies/policy.js';
import { allowRulesOf } from '../../policies/rule-cover.js';
import type { Catalog } from '../../resources/catalog.js';
import { type CatalogChange, type ClientGroup, compiledOf, groupsOf } from './audience-gains.js';
import type { AudienceHolder } from './held-audiences.js';
import type { Missing } from './missing.js';
import type { ResourceChange } from './resource-escalation.js';

/** A bare operation name of an audience whose meaning a write of a resource changes. */
export interface ChangedName {
  name: string;
  audience: string;
  /** What the write adds to its meaning or removes from it. */
  item: ScopeItem;
  isAdded: boolean;
  /** Whether its resource did not exist: no policy names it, so there is no right on it to gain. */
  isCreated: boolean;
}

/** The names whose meaning changes in an audience that was registered. */
export function changedNames(change: ResourceChange, { before, after }: CatalogChange): ChangedName[] {
  const id = (change.after ?? change.before)?.id ?? '';
  const namesIn = (catalog: Catalog, audience: string): Set<string> => {
    const resource = catalog.find(id);
    const isIn = resource && catalog.audienceOf(resource) === audience;
    return new Set(isIn ? resource.operations.map(({ name }) => name) : []);
  };
  const touched = [change.before, change.after].flatMap((one) => (one ? [before.audienceOf(one)] : []));
  return [...new Set(touched)]
    .filter((audience) => before.isAudience(audience))
    .flatMap((audience) => {
      const [was, is] = [namesIn(before, audience), namesIn(after, audience)];
      const changedTo = (isAdded: boolean) => (name: string) => ({
        name,
        audience,
        item: { resource: id, identifier: ALL, operation: name },
        isAdded,
        isCreated: change.before === null,
      });
      return [
        ...[...was].filter((name) => !is.has(name)).map(changedTo(false)),
        ...[...is].filter((name) => !was.has(name)).map(changedTo(true)),
      ];
    });
}

/** Clients that gain an item by the bare name of another: by tokens from now on, or by those that they have. */
export interface BareNameGain {
  clientIds: readonly string[];
  changed: ChangedName;
  item: ScopeItem;
}

/** The first gain of each group of clients of an item that the caller may not have itself. Run in slices. */
export function* bareNameGains(
  { holdings }: AudienceHolder,
  names: readonly ChangedName[],
  catalogs: CatalogChange,
  policies: readonly Policy[],
): Generator<void, BareNameGain[]> {
  const gains: BareNameGain[] = [];
  if (holdings.administersEverything && !holdings.hasScope) return gains;
  for (const group of groupsReaching(names, catalogs, policies)) {
    const compiled = compiledOf(group);
    for (const changed of names) {
      const item = gainedItems(changed, compiled, catalogs).find((one) => !holdings.may(one));
      if (!item) continue;
      gains.push({ clientIds: group.clientIds, changed, item });
      break;
    }
    yield;
  }
  return gains;
}

/** The groups with an allow rule on a resource that has, or had, one of these names. */
function groupsReaching(
  names: readonly ChangedName[],
  { before, after }: CatalogChange,
  policies: readonly Policy[],
): ClientGroup[] {
  const owners = names.flatMap(({ name, audience }) =>
    [before, after].flatMap((catalog) => ownersOf(name, audience, catalog)),
  );
  const named = new Set([ALL, ...owners]);
  const allowing = new Set(
    policies.filter((policy) => allowRulesOf(policy).some(({ resource }) => named.has(resource))),
  );
  return groupsOf(policies).filter((group) => group.policies.some((policy) => allowing.has(policy)));
}

const ownersOf = (name: string, audience: string, catalog: Catalog): string[] =>
  catalog
    .withAudience(audience)
    .filter(({ id }) => catalog.hasOperation(id, name))
    .map(({ id }) => id);

/**
 * An API of the audience reads the name in a token as its own operation. So who can have the name without its former
 * meaning gains that, and who has it in tokens gains what is added. A new name gains what a deny rule withholds
 * elsewhere in the audience: an operation may have left it a moment ago.
 */
function gainedItems(
  { name, audience, item, isAdded, isCreated }: ChangedName,
  policies: CompiledPolicies,
  { before, after }: CatalogChange,
): ScopeItem[] {
  const can = (catalog: Catalog) => {
    const isName = ownersOf(name, audience, catalog).length > 0;
    return isName && meaningOf(name, { catalog, audiences: [audience] }).every((one) => policies.grants(one));
  };
  if (!isAdded) return can(after) && !can(before) ? [item] : [];
  if (can(before)) return can(after) || isCreated ? [] : [item];
  const isNew = ownersOf(name, audience, before).length === 0;
  return isNew && can(after) ? withheld(name, audience, policies, after) : [];
}

const withheld = (
  name: string,
  audience: string,
  policies: CompiledPolicies,
  catalog: Catalog,
): ScopeItem[] =>
  catalog
    .withAudience(audience)
    .map(({ id }) => ({ resource: id, identifier: ALL, operation: name }))
    .filter((item) => policies.touching(item) !== undefined);

/** What the caller lacks for letting this client have the item by its bare name. */
export const missingForName = ({ changed, item }: BareNameGain, client: string): Missing => ({
  description: `this would let ${client === '' ? 'clients that no policy names' : `the client ${client}`} use ${item.resource}:${ALL}:${item.operation} by the name ${changed.name} in tokens for ${changed.audience}, which the caller does not hold`,
});

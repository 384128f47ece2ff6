import { ALL, type ScopeItem } from '../../../../packages/protocol/src/scope-item.js';
import { meaningOf } from '../../../policies/decision.js';
import type { Catalog } from '../../../resources/catalog.js';
import type { CatalogChange } from '../audience-gains.js';
import type { ClientGroup, PolicyLayer } from '../client-groups.js';
import type { AudienceHolder } from '../held-audiences.js';
import type { JudgementBudget } from '../judgement-budget.js';
import { LayeredPolicies } from '../layered-policies.js';
import type { Missing } from '../missing.js';
import type { ChangedName, ChangedNames } from './changed-names.js';

/** Clients that gain an item by the bare name of another: by tokens from now on, or by those that they have. */
export interface BareNameGain extends GainedItem {
  clientIds: readonly string[];
  changed: ChangedName;
}

interface GainedItem {
  item: ScopeItem;
  /** Whether the name has left its resource. */
  isFormer: boolean;
}

/** The first gain of each group of clients of an item that the caller may not have itself. Run in slices. */
export function* bareNameGains(
  { holdings }: AudienceHolder,
  names: ChangedNames,
  catalogs: CatalogChange,
  groups: readonly ClientGroup[],
  budget: JudgementBudget,
): Generator<void, BareNameGain[]> {
  const gains: BareNameGain[] = [];
  const judged = new JudgedNames(names, catalogs, budget);
  for (const group of groups) {
    yield;
    const policies = new LayeredPolicies(group.layers, budget);
    for (const changed of judged.openTo(group, policies)) {
      yield;
      const unheld = judged.gainedItems(changed, group, policies).find(({ item }) => !holdings.may(item));
      if (!unheld) continue;
      gains.push({ clientIds: group.clientIds, changed, ...unheld });
      break;
    }
  }
  return gains;
}

/**
 * An API of the audience reads the name in a token as its own operation. So who can have the name without its former
 * meaning gains that, and who has it in tokens gains what is added. A name that no resource has any more is judged as if
 * it moved from the last one that had it. A new name gains what a deny rule withholds elsewhere in the audience.
 */
class JudgedNames {
  private readonly withTwoReadings: readonly ChangedName[];
  private readonly addedByName: ReadonlyMap<string, ChangedName>;
  private readonly withFormer: readonly ChangedName[];
  private readonly allowing = new Map<PolicyLayer, boolean>();
  private readonly withheld = new Map<PolicyLayer, ReadonlySet<ChangedName>>();
  private readonly meanings = new Map<Catalog, Map<string, readonly ScopeItem[]>>();

  constructor(
    private readonly names: ChangedNames,
    private readonly catalogs: CatalogChange,
    private readonly budget: JudgementBudget,
  ) {
    this.withTwoReadings = names.shared.filter(({ name }) => name.includes(':'));
    this.addedByName = new Map(names.added.map((changed) => [changed.name, changed]));
    this.withFormer = [...names.shared, ...names.added].filter(({ name }) => names.former.has(name));
  }

  /** The names of which a group can gain anything. */
  openTo(group: ClientGroup, policies: LayeredPolicies): Iterable<ChangedName> {
    const isAllowed = group.layers.some(({ allows }) => allows.size > 0);
    const open = new Set([
      ...this.sharedOpenTo(group, policies),
      ...this.withheldFrom(group),
      ...(isAllowed ? this.withFormer : []),
    ]);
    this.budget.spend(open.size);
    return open;
  }

  private sharedOpenTo({ layers }: ClientGroup, policies: LayeredPolicies): readonly ChangedName[] {
    const { resource, shared, others } = this.names;
    if (shared.length === 0 || !layers.some((layer) => this.allowsAny(layer, others))) return [];
    // What holds the changed resource as a whole has each of its names before and after.
    return policies.grants({ resource, identifier: ALL, operation: ALL }) ? this.withTwoReadings : shared;
  }

  private withheldFrom({ layers }: ClientGroup): ChangedName[] {
    if (this.names.added.length === 0) return [];
    return [...new Set(layers.flatMap((layer) => [...this.withheldBy(layer)]))];
  }

  gainedItems(changed: ChangedName, group: ClientGroup, policies: LayeredPolicies): GainedItem[] {
    return [...this.gainedNow(changed, group, policies), ...this.gainedOfFormer(changed, policies)];
  }

  private gainedNow(changed: ChangedName, group: ClientGroup, policies: LayeredPolicies): GainedItem[] {
    const { name, item, isAdded, isCreated } = changed;
    const { before, after } = this.catalogs;
    const gained = { item, isFormer: false };
    const can = (catalog: Catalog) => this.meaning(name, catalog).every((one) => policies.grants(one));
    if (this.isNew(changed)) {
      if (!policies.grants(item) || !can(after)) return [];
      return this.deniedElsewhere(name, group, policies).map((one) => ({ item: one, isFormer: false }));
    }
    if (!isAdded) return can(after) && !can(before) ? [gained] : [];
    return !isCreated && can(before) && !can(after) ? [gained] : [];
  }

  /** What the name meant before it left other resources of the audience, to an API or in a token of that time. */
  private gainedOfFormer(changed: ChangedName, policies: LayeredPolicies): GainedItem[] {
    const { name, item, isAdded, isCreated } = changed;
    const { before, after } = this.catalogs;
    const former = this.names.former.get(name) ?? [];
    const last = this.isNew(changed) ? former.slice(0, 1) : this.meaning(name, before);
    const can = (items: readonly ScopeItem[]) => items.every((one) => policies.grants(one));
    if (former.length === 0) return [];
    if (can(this.meaning(name, after))) {
      const unheld = can(last) ? [] : former.filter((one) => !policies.grants(one));
      return unheld.map((one) => ({ item: one, isFormer: true }));
    }
    const isInTokens = isAdded && !isCreated && former.some((one) => policies.grants(one));
    return isInTokens && !policies.grants(item) ? [{ item, isFormer: false }] : [];
  }

  /** Whether no resource of the audience has the name. */
  private isNew(changed: ChangedName): boolean {
    return this.addedByName.get(changed.name) === changed;
  }

  /** A deny on `*` denies the changed resource too, so the name is not granted. */
  private deniedElsewhere(name: string, { layers }: ClientGroup, policies: LayeredPolicies): ScopeItem[] {
    const denied = new Set(layers.flatMap(({ denies }) => [...denies.keys()]));
    return [...denied]
      .filter((id) => this.names.others.has(id))
      .map((id) => ({ resource: id, identifier: ALL, operation: name }))
      .filter((item) => policies.denies(item));
  }

  private allowsAny(layer: PolicyLayer, resources: ReadonlySet<string>): boolean {
    const isNamed = (id: string) => id === ALL || resources.has(id);
    const known = this.allowing.get(layer) ?? [...layer.allows.keys()].some(isNamed);
    this.allowing.set(layer, known);
    return known;
  }

  /** The added names that the deny rules of a layer name on other resources. */
  private withheldBy(layer: PolicyLayer): ReadonlySet<ChangedName> {
    const known = this.withheld.get(layer);
    if (known) return known;
    const found = new Set<ChangedName>();
    for (const [resource, rules] of layer.denies) {
      if (!this.names.others.has(resource)) continue;
      for (const operation of new Set(rules.flatMap(({ operations }) => operations))) {
        const denied = operation === ALL ? this.names.added : [this.addedByName.get(operation) ?? []].flat();
        for (const changed of denied) found.add(changed);
      }
    }
    this.withheld.set(layer, found);
    return found;
  }

  private meaning(name: string, catalog: Catalog): readonly ScopeItem[] {
    const known = this.meanings.get(catalog) ?? new Map<string, readonly ScopeItem[]>();
    this.meanings.set(catalog, known);
    const found = known.get(name);
    if (found) return found;
    const { audience } = this.names;
    this.budget.spend(catalog.withAudience(audience).length);
    const meant = meaningOf(name, { catalog, audiences: [audience] });
    known.set(name, meant);
    return meant;
  }
}

/** The permissions that the caller lacks for letting this client have the item by its bare name. */
export const missingForName = ({ changed, item, isFormer }: BareNameGain, client: string): Missing => ({
  description: `this would let ${client === '' ? 'clients that no policy names' : `the client ${client}`} use ${item.resource}:${ALL}:${item.operation}${isFormer ? ', an operation that left this audience,' : ''} by the name ${changed.name} in tokens for ${changed.audience}, which the caller does not hold`,
});

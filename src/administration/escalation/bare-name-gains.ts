import { ALL, type ScopeItem } from '../../../packages/protocol/src/scope-item.js';
import { meaningOf } from '../../policies/decision.js';
import type { Catalog } from '../../resources/catalog.js';
import type { CatalogChange } from './audience-gains.js';
import type { ChangedName, ChangedNames } from './changed-names.js';
import type { ClientGroup, PolicyLayer } from './client-groups.js';
import type { AudienceHolder } from './held-audiences.js';
import type { JudgementBudget } from './judgement-budget.js';
import { LayeredPolicies } from './layered-policies.js';
import type { Missing } from './missing.js';

/** Clients that gain an item by the bare name of another: by tokens from now on, or by those that they have. */
export interface BareNameGain {
  clientIds: readonly string[];
  changed: ChangedName;
  item: ScopeItem;
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
      const item = judged.gainedItems(changed, group, policies).find((one) => !holdings.may(one));
      if (!item) continue;
      gains.push({ clientIds: group.clientIds, changed, item });
      break;
    }
  }
  return gains;
}

/**
 * An API of the audience reads the name in a token as its own operation. So who can have the name without its former
 * meaning gains that, and who has it in tokens gains what is added. A new name gains what a deny rule withholds
 * elsewhere in the audience: an operation may have left it a moment ago.
 */
class JudgedNames {
  private readonly withTwoReadings: readonly ChangedName[];
  private readonly addedByName: ReadonlyMap<string, ChangedName>;
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
  }

  /** The names of which a group can gain anything. */
  openTo(group: ClientGroup, policies: LayeredPolicies): Iterable<ChangedName> {
    const shared = this.sharedOpenTo(group, policies);
    const added = this.withheldFrom(group);
    this.budget.spend(shared.length + added.length);
    return [...shared, ...added];
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

  gainedItems(changed: ChangedName, group: ClientGroup, policies: LayeredPolicies): ScopeItem[] {
    const { name, item, isAdded, isCreated } = changed;
    const { before, after } = this.catalogs;
    const can = (catalog: Catalog) => this.meaning(name, catalog).every((one) => policies.grants(one));
    if (this.addedByName.get(name) === changed) {
      return policies.grants(item) && can(after) ? this.deniedElsewhere(name, group, policies) : [];
    }
    if (!isAdded) return can(after) && !can(before) ? [item] : [];
    return !isCreated && can(before) && !can(after) ? [item] : [];
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

/** What the caller lacks for letting this client have the item by its bare name. */
export const missingForName = ({ changed, item }: BareNameGain, client: string): Missing => ({
  description: `this would let ${client === '' ? 'clients that no policy names' : `the client ${client}`} use ${item.resource}:${ALL}:${item.operation} by the name ${changed.name} in tokens for ${changed.audience}, which the caller does not hold`,
});

import { ALL, type ScopeItem } from '../../../packages/protocol/src/scope-item.js';
import type { CompiledPolicies } from '../../policies/compiled-policies.js';
import type { Rule } from '../../policies/policy.js';
import { reaching } from '../../policies/rule-index.js';
import type { Catalog } from '../../resources/catalog.js';
import type { Resource } from '../../resources/resource.js';
import type { JudgementBudget } from './judgement-budget.js';

/** Compiled rules, and the allow rules among them by resource. Shared by all clients to which they apply. */
export interface RuleLayer {
  compiled: CompiledPolicies;
  allows: ReadonlyMap<string, readonly Rule[]>;
}

/** The policies of some clients as layers: clients that share a policy need no compiled set of their own. */
export class LayeredPolicies {
  constructor(
    private readonly layers: readonly RuleLayer[],
    private readonly budget?: JudgementBudget,
  ) {}

  get hasAllowEngine(): boolean {
    return this.layers.some(({ compiled }) => compiled.hasAllowEngine);
  }

  /** Whether an allow rule names this resource. */
  names(resource: string): boolean {
    return this.looksUp(({ compiled }) => compiled.names(resource));
  }

  /** Whether a deny rule covers every operation on every identifier of this resource. */
  deniesAll(resource: string): boolean {
    return this.looksUp(({ compiled }) => compiled.deniesAll(resource));
  }

  grants(item: ScopeItem): boolean {
    return this.looksUp(({ compiled }) => compiled.covering(item) !== undefined) && !this.denies(item);
  }

  /** Whether a deny rule touches any part of the item. */
  denies(item: ScopeItem): boolean {
    return this.looksUp(({ compiled }) => compiled.touching(item) !== undefined);
  }

  /** The resources of this audience that an allow rule reaches. */
  resourcesOf(audience: string, catalog: Catalog): readonly Resource[] {
    const named = new Set(this.layers.flatMap(({ allows }) => [...allows.keys()]));
    if (named.has(ALL)) return catalog.withAudience(audience);
    return [...named].flatMap((id) => {
      const resource = catalog.find(id);
      return resource && catalog.audienceOf(resource) === audience ? [resource] : [];
    });
  }

  /** The allow rules that reach this resource. */
  *allowsOn(resource: string): Generator<Rule> {
    for (const place of reaching(resource)) {
      for (const { allows } of this.layers) yield* allows.get(place) ?? [];
    }
  }

  private looksUp(isFound: (layer: RuleLayer) => boolean): boolean {
    this.budget?.spend(this.layers.length);
    return this.layers.some(isFound);
  }
}

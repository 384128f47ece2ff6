import type { ScopeItem } from '../../packages/protocol/src/scope-item.js';
import { type Policy, rulesOf } from './policy.js';
import { AllowIndex, type AllowRules, DenyIndex, type DenyRules, type NumberedRule } from './rule-index.js';
import { AllowList, DenyList } from './rule-list.js';

/** In place of an identifier or operation. No rule can name it, so a rule that touches it touches all. */
export const UNNAMED = '';

/** Operations of all rules; above this number, an index is faster than a list. */
const MAX_LISTED = 32;

/** The rule that decided; with the engine `allow` there is no rule number. */
export interface RuleReference {
  policy: string;
  rule?: number;
}

/** The part of a policy that decisions need. */
export type DecidingPolicy = Pick<Policy, 'id' | 'engine' | 'rules'>;

/** The policies of one client, compiled for decisions: ten thousand rules cost hardly more than ten. */
export class CompiledPolicies {
  private readonly allows: AllowRules;
  private readonly denies: DenyRules;
  private readonly references: RuleReference[] = [];
  /** Whether one of the policies has the engine `allow`. */
  readonly hasAllowEngine: boolean;

  constructor(policies: readonly DecidingPolicy[], maxListed = MAX_LISTED) {
    this.hasAllowEngine = policies.some(({ engine }) => engine === 'allow');
    const inOrder = [...policies].sort((a, b) => (a.id < b.id ? -1 : 1));
    const allows: NumberedRule[] = [];
    const denies: NumberedRule[] = [];
    for (const policy of inOrder) {
      for (const [position, rule] of rulesOf(policy).entries()) {
        const number = this.references.length;
        this.references.push(
          policy.engine === 'allow' ? { policy: policy.id } : { policy: policy.id, rule: position },
        );
        (rule.effect === 'allow' ? allows : denies).push({ rule, number });
      }
    }
    this.allows = operationsIn(allows) > maxListed ? new AllowIndex(allows) : new AllowList(allows);
    this.denies = operationsIn(denies) > maxListed ? new DenyIndex(denies) : new DenyList(denies);
  }

  /** The first allow rule that covers the whole item. */
  covering(item: ScopeItem): RuleReference | undefined {
    return this.reference(this.allows.covering(item));
  }

  /** The first deny rule that touches any part of the item. */
  touching(item: ScopeItem): RuleReference | undefined {
    return this.reference(this.denies.touching(item));
  }

  grants(item: ScopeItem): boolean {
    return this.allows.covering(item) !== undefined && this.denies.touching(item) === undefined;
  }

  /** Whether a deny rule covers every operation on every identifier of this resource, also those that no rule names. */
  deniesAll(resource: string): boolean {
    return this.denies.touching({ resource, identifier: UNNAMED, operation: UNNAMED }) !== undefined;
  }

  /** Whether an allow rule names this resource. */
  names(resource: string): boolean {
    return this.allows.names(resource);
  }

  /** The identifiers that allow rules on this resource name; with an operation, at least those on which it is granted. */
  identifiersOf(resource: string, operation?: string): string[] {
    return this.allows.identifiersOf(resource, operation);
  }

  private reference(number: number | undefined): RuleReference | undefined {
    return number === undefined ? undefined : this.references[number];
  }
}

const operationsIn = (rules: readonly NumberedRule[]): number =>
  rules.reduce((sum, { rule }) => sum + rule.operations.length, 0);

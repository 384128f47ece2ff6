import { isOwnType } from '../../packages/protocol/src/own-type.js';
import { ALL, type ScopeItem } from '../../packages/protocol/src/scope-item.js';
import { CompiledPolicies } from './compiled-policies.js';
import { type Policy, type Rule, rulesOf } from './policy.js';

/** A set of rules, of either effect, that tells whether they cover another rule. */
export class RuleCover {
  private readonly compiled: CompiledPolicies;

  constructor(rules: readonly Rule[]) {
    const allowing = rules.map((rule): Rule => ({ ...rule, effect: 'allow' }));
    this.compiled = new CompiledPolicies([{ id: '', engine: 'rules', rules: allowing }]);
  }

  covers(rule: Rule): boolean {
    return itemsOf(rule).every((item) => this.coversItem(item));
  }

  coversItem(item: ScopeItem): boolean {
    return this.compiled.covering(item) !== undefined;
  }
}

/** A set of rules, of either effect, that tells whether they overlap with another rule. */
export class RuleOverlap {
  private readonly compiled: CompiledPolicies;

  constructor(rules: readonly Rule[]) {
    const denying = rules.map((rule): Rule => ({ ...rule, effect: 'deny' }));
    this.compiled = new CompiledPolicies([{ id: '', engine: 'rules', rules: denying }]);
  }

  meets(rule: Rule): boolean {
    return itemsOf(rule).some((item) => this.meetsItem(item));
  }

  meetsItem(item: ScopeItem): boolean {
    return this.compiled.touching(item) !== undefined;
  }
}

/** Whether two items overlap; `*` never includes the server's own types. */
export function itemsMeet(one: ScopeItem, other: ScopeItem): boolean {
  const resources =
    one.resource === other.resource ||
    (one.resource === ALL && !isOwnType(other.resource)) ||
    (other.resource === ALL && !isOwnType(one.resource));
  return (
    resources && placesMeet(one.identifier, other.identifier) && placesMeet(one.operation, other.operation)
  );
}

const placesMeet = (one: string, other: string): boolean => one === other || one === ALL || other === ALL;

export const allowRulesOf = (policy: Policy): Rule[] =>
  rulesOf(policy).filter(({ effect }) => effect === 'allow');

export const denyRulesOf = (policy: Policy): Rule[] =>
  rulesOf(policy).filter(({ effect }) => effect === 'deny');

export const deniesEveryone = (policy: Policy): boolean => policy.everyone && denyRulesOf(policy).length > 0;

export const itemsOf = ({ resource, identifier, operations }: Rule): ScopeItem[] =>
  operations.map((operation) => ({ resource, identifier, operation }));

export function byResource(rules: readonly Rule[]): Map<string, Rule[]> {
  const found = new Map<string, Rule[]>();
  for (const rule of rules) {
    const same = found.get(rule.resource);
    if (same) same.push(rule);
    else found.set(rule.resource, [rule]);
  }
  return found;
}

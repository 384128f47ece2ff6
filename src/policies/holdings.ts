import type { ScopeItem } from '../protocol/scope-item.js';
import { CompiledPolicies } from './compiled-policies.js';
import { type Policy, type Rule, rulesOf } from './policy.js';

/** What one client holds by its policies, asked before it gives something to another. */
export class Holdings {
  private readonly all: CompiledPolicies;
  /** Deny rules for everyone are aside: they bind the receiver just the same. */
  private readonly own: CompiledPolicies;

  constructor(private readonly policies: readonly Policy[]) {
    this.all = new CompiledPolicies(policies);
    this.own = new CompiledPolicies(policies.filter(({ everyone }) => !everyone));
  }

  /** Whether the client's own allow rules cover the rule and no deny rule of its own touches it. */
  covers(rule: Rule): boolean {
    return itemsOf(rule).every((item) => this.all.covering(item) !== undefined && !this.own.touching(item));
  }

  /** Whether another client holds nothing that this one does not; both may be under the same deny rules. */
  coversAllOf(other: Holdings): boolean {
    return other.allowRules().every((rule) =>
      itemsOf(rule).every((item) => {
        if (!this.all.covering(item)) return false;
        return !this.own.touching(item) || this.denyRules(item).every((deny) => other.isDenied(deny));
      }),
    );
  }

  private allowRules(): Rule[] {
    return this.policies.flatMap((policy) => rulesOf(policy).filter(({ effect }) => effect === 'allow'));
  }

  private denyRules(touched: ScopeItem): Rule[] {
    return this.policies
      .filter(({ everyone }) => !everyone)
      .flatMap((policy) => rulesOf(policy))
      .filter((rule) => rule.effect === 'deny' && itemsOf(rule).some((item) => itemsMeet(item, touched)));
  }

  private isDenied(rule: Rule): boolean {
    return this.policies.some((policy) =>
      rulesOf(policy).some((deny) => deny.effect === 'deny' && ruleCovers(deny, rule)),
    );
  }
}

/**
 * What a write of a policy gives away: the allow rules of its new form, and whatever its old form denied and the new
 * one denies no more. A policy that lets go of a client takes its deny rules off that client.
 */
export function givenBy(before: Policy | null, after: Policy | null): Rule[] {
  const allowed = after ? rulesOf(after).filter(({ effect }) => effect === 'allow') : [];
  return [...allowed, ...(before ? liftedDenials(before, after) : [])];
}

function liftedDenials(before: Policy, after: Policy | null): Rule[] {
  const denied = rulesOf(before).filter(({ effect }) => effect === 'deny');
  if (!after || !reachesAllOf(after, before)) return denied;
  const stillDenied = rulesOf(after).filter(({ effect }) => effect === 'deny');
  return denied.filter((rule) => !stillDenied.some((deny) => ruleCovers(deny, rule)));
}

const reachesAllOf = (after: Policy, before: Policy): boolean =>
  after.everyone || (!before.everyone && before.clientIds.every((id) => after.clientIds.includes(id)));

/** One rule covers another when it covers it in each of the three places. */
function ruleCovers(outer: Rule, inner: Rule): boolean {
  const compiled = new CompiledPolicies([policyOf({ ...outer, effect: 'allow' })]);
  return itemsOf(inner).every((item) => compiled.covering(item) !== undefined);
}

function itemsMeet(rule: ScopeItem, touched: ScopeItem): boolean {
  const compiled = new CompiledPolicies([
    policyOf({ ...rule, effect: 'deny', operations: [rule.operation] }),
  ]);
  return compiled.touching(touched) !== undefined;
}

const itemsOf = ({ resource, identifier, operations }: Rule): ScopeItem[] =>
  operations.map((operation) => ({ resource, identifier, operation }));

const policyOf = (rule: Rule): Policy => ({
  id: '',
  version: 0,
  createdAt: 0,
  updatedAt: 0,
  engine: 'rules',
  everyone: false,
  clientIds: [],
  rules: [rule],
});

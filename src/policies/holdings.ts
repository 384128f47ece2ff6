import { isOwnType } from '../protocol/identifier.js';
import { ALL, type ScopeItem } from '../protocol/scope-item.js';
import { CompiledPolicies } from './compiled-policies.js';
import { type Policy, type Rule, rulesOf } from './policy.js';

/** What one client holds by its policies, asked before it gives something to another. */
export class Holdings {
  private readonly all: CompiledPolicies;
  /** Deny rules for everyone are aside: they bind the receiver just the same. */
  private readonly own: CompiledPolicies;
  private readonly denied: RuleCover;

  constructor(private readonly policies: readonly Policy[]) {
    this.all = new CompiledPolicies(policies);
    this.own = new CompiledPolicies(policies.filter(({ everyone }) => !everyone));
    this.denied = new RuleCover(policies.flatMap((policy) => denyRulesOf(policy)));
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
        return !this.own.touching(item) || this.denyRules(item).every((deny) => other.denied.covers(deny));
      }),
    );
  }

  private allowRules(): Rule[] {
    return this.policies.flatMap((policy) => rulesOf(policy).filter(({ effect }) => effect === 'allow'));
  }

  private denyRules(touched: ScopeItem): Rule[] {
    return this.policies
      .filter(({ everyone }) => !everyone)
      .flatMap((policy) => denyRulesOf(policy))
      .filter((rule) => itemsOf(rule).some((item) => itemsMeet(item, touched)));
  }
}

/** Many rules, whatever their effect, asked whether they cover all of another one. */
class RuleCover {
  private readonly compiled: CompiledPolicies;

  constructor(rules: readonly Rule[]) {
    this.compiled = new CompiledPolicies([policyOf(rules.map((rule) => ({ ...rule, effect: 'allow' })))]);
  }

  covers(rule: Rule): boolean {
    return itemsOf(rule).every((item) => this.compiled.covering(item) !== undefined);
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
  const denied = denyRulesOf(before);
  if (!after || !reachesAllOf(after, before)) return denied;
  const stillDenied = new RuleCover(denyRulesOf(after));
  return denied.filter((rule) => !stillDenied.covers(rule));
}

function reachesAllOf(after: Policy, before: Policy): boolean {
  if (after.everyone) return true;
  const reached = new Set(after.clientIds);
  return !before.everyone && before.clientIds.every((id) => reached.has(id));
}

/** Whether there is anything that both ask for; `*` never reaches the server's own types. */
function itemsMeet(one: ScopeItem, other: ScopeItem): boolean {
  const resources =
    one.resource === other.resource ||
    (one.resource === ALL && !isOwnType(other.resource)) ||
    (other.resource === ALL && !isOwnType(one.resource));
  return (
    resources && placesMeet(one.identifier, other.identifier) && placesMeet(one.operation, other.operation)
  );
}

const placesMeet = (one: string, other: string): boolean => one === other || one === ALL || other === ALL;

const denyRulesOf = (policy: Policy): Rule[] => rulesOf(policy).filter(({ effect }) => effect === 'deny');

const itemsOf = ({ resource, identifier, operations }: Rule): ScopeItem[] =>
  operations.map((operation) => ({ resource, identifier, operation }));

const policyOf = (rules: Rule[]): Policy => ({
  id: '',
  version: 0,
  createdAt: 0,
  updatedAt: 0,
  engine: 'rules',
  everyone: false,
  clientIds: [],
  rules,
});

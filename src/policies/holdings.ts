import { OWN_TYPES } from '../../packages/protocol/src/own-type.js';
import { ALL, type ScopeItem } from '../../packages/protocol/src/scope-item.js';
import { CompiledPolicies } from './compiled-policies.js';
import { appliesTo, type Policy, type Rule } from './policy.js';
import { allowRulesOf, byResource, denyRulesOf, itemsOf, RuleCover, RuleOverlap } from './rule-cover.js';

type NamedPolicy = Pick<Policy, 'id' | 'createdAt' | 'deniesEveryoneSince'>;

/**
 * The privileges of a client by its policies, within the scope of its token if it presents one. Comparisons ignore deny
 * rules for everyone, because they apply to both sides.
 */
export class Holdings {
  /** The policies, whatever the scope is. */
  readonly compiled: CompiledPolicies;
  private readonly inScope: RuleCover | undefined;
  private compiledOwn: CompiledPolicies | undefined;
  private compiledLinked: CompiledPolicies | undefined;
  private deniedCover: RuleCover | undefined;
  private allowsByResource: ReadonlyMap<string, readonly Rule[]> | undefined;
  private grantsOnPolicies: ReadonlyMap<string, PolicyGrant[]> | undefined;

  /**
   * `scope`: the meaning of the session's scope; absent: no scope limits the caller. `excludesOther`: whether a policy for
   * everyone does not apply to the other side of a comparison, so that its deny rules count.
   */
  constructor(
    private readonly policies: readonly Policy[],
    private readonly scope?: readonly ScopeItem[],
    private readonly excludesOther: (policy: Policy) => boolean = () => false,
  ) {
    this.compiled = new CompiledPolicies(policies);
    this.inScope = scope && new RuleCover(scope.map(ruleOf));
  }

  /** The privileges that this client can grant to the clients of the policy. */
  givingBy(policy: Policy): Holdings {
    return this.counting(({ exceptIds }) => exceptIds.some((id) => appliesTo(policy, id)));
  }

  get hasScope(): boolean {
    return this.scope !== undefined;
  }

  /** Whether an allow rule names this resource, or `*` where that reaches it. */
  names(resource: string): boolean {
    return this.compiled.names(resource);
  }

  /** Whether the caller may do this now; deny rules for everyone count as well. */
  may(item: ScopeItem): boolean {
    return this.compiled.grants(item) && this.isInScope(item);
  }

  /** Whether allow rules and the scope cover the rule and no deny rule of the client's own touches it. */
  covers(rule: Rule): boolean {
    return itemsOf(rule).every((item) => this.reaches(item) && !this.own.touching(item));
  }

  /** The same without deny rules: enough to restrict others. */
  reachesAllOf(rule: Rule): boolean {
    return itemsOf(rule).every((item) => this.reaches(item));
  }

  /** The first allow rule of another client that this one does not hold; deny rules that apply to both are ignored. */
  notCovered(other: Holdings): Rule | undefined {
    const bound = new Set(other.policies.map(({ id }) => id));
    return this.counting(({ id }) => !bound.has(id)).firstNotCovered(other);
  }

  /** The allow rules that the deny rules would restrict, each with its policy. */
  touchedBy(denies: readonly Rule[]): { rule: Rule; policy: string }[] {
    const denied = new RuleOverlap(denies);
    return this.policies.flatMap((policy) =>
      allowRulesOf(policy)
        .filter((rule) => denied.meets(rule))
        .map((rule) => ({ rule, policy: policy.id })),
    );
  }

  /**
   * Whether a privilege on this policy is granted by id in a policy that was created after it began to deny something to
   * everyone: any client could have an earlier grant, while the policy was harmless or did not exist, and a later change of the
   * granting policy, for whatever reason, does not confirm it. An administrator who holds every operation on every own
   * type needs no such grant, so that the policy can always be changed.
   */
  mayByName({ id, createdAt, deniesEveryoneSince }: NamedPolicy, operation: string): boolean {
    const item = { resource: 'AccessPolicy', identifier: id, operation };
    if (!this.isInScope(item)) return false;
    const since = deniesEveryoneSince ?? createdAt;
    const isNamed = this.onPolicies
      .get(id)
      ?.some(
        (grant) =>
          grant.createdAt >= since &&
          (grant.operations.includes(operation) || grant.operations.includes(ALL)),
      );
    return (isNamed === true && !this.linked.touching(item)) || this.administersEverything;
  }

  /** Whether an allow rule names a policy by its id. */
  get namesPolicies(): boolean {
    return this.onPolicies.size > 0;
  }

  /** Whether this is an administrator of the whole server: every operation on every own type, whatever the scope is. */
  get administersEverything(): boolean {
    return OWN_TYPES.every((resource) => {
      const item = { resource, identifier: ALL, operation: ALL };
      return this.compiled.covering(item) !== undefined && !this.linked.touching(item);
    });
  }

  /** The same, except that deny rules of these policies for everyone count. */
  private counting(excludesOther: (policy: Policy) => boolean): Holdings {
    const isAlike = !this.policies.some((policy) => policy.everyone && excludesOther(policy));
    return isAlike ? this : new Holdings(this.policies, this.scope, excludesOther);
  }

  /** The allow rules by the resource that they name. */
  get allows(): ReadonlyMap<string, readonly Rule[]> {
    this.allowsByResource ??= byResource(this.allowRules());
    return this.allowsByResource;
  }

  private firstNotCovered(other: Holdings): Rule | undefined {
    const denied = new RuleOverlap(this.denyRules().filter((deny) => !other.denied.covers(deny)));
    return other
      .allowRules()
      .find((rule) => !itemsOf(rule).every((item) => this.reaches(item) && !denied.meetsItem(item)));
  }

  // Most callers need only a part of these, and compiling thousands of rules takes milliseconds.

  private get own(): CompiledPolicies {
    this.compiledOwn ??= new CompiledPolicies(this.policies.filter((policy) => this.isOwn(policy)));
    return this.compiledOwn;
  }

  private get linked(): CompiledPolicies {
    this.compiledLinked ??= new CompiledPolicies(this.policies.filter(({ everyone }) => !everyone));
    return this.compiledLinked;
  }

  private get denied(): RuleCover {
    this.deniedCover ??= new RuleCover(this.policies.flatMap(denyRulesOf));
    return this.deniedCover;
  }

  /** The allow rules on policies by their ids. */
  private get onPolicies(): ReadonlyMap<string, PolicyGrant[]> {
    this.grantsOnPolicies ??= grantsOnPoliciesOf(this.policies);
    return this.grantsOnPolicies;
  }

  private isOwn(policy: Policy): boolean {
    return !policy.everyone || this.excludesOther(policy);
  }

  private reaches(item: ScopeItem): boolean {
    return this.compiled.covering(item) !== undefined && this.isInScope(item);
  }

  private isInScope(item: ScopeItem): boolean {
    return this.inScope?.coversItem(item) ?? true;
  }

  private allowRules(): Rule[] {
    return this.policies.flatMap(allowRulesOf);
  }

  private denyRules(): Rule[] {
    return this.policies.filter((policy) => this.isOwn(policy)).flatMap((policy) => denyRulesOf(policy));
  }
}

interface PolicyGrant {
  createdAt: number;
  operations: readonly string[];
}

function grantsOnPoliciesOf(policies: readonly Policy[]): Map<string, PolicyGrant[]> {
  const found = new Map<string, PolicyGrant[]>();
  for (const policy of policies) {
    for (const { resource, identifier, operations } of allowRulesOf(policy)) {
      if (resource !== 'AccessPolicy' || identifier === ALL) continue;
      const grants = found.get(identifier) ?? [];
      grants.push({ createdAt: policy.createdAt, operations });
      found.set(identifier, grants);
    }
  }
  return found;
}

const ruleOf = ({ resource, identifier, operation }: ScopeItem): Rule => ({
  effect: 'allow',
  resource,
  identifier,
  operations: [operation],
});

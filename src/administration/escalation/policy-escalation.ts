import { ALL, formatScopeItem, type ScopeItem } from '../../../packages/protocol/src/scope-item.js';
import type { Holdings } from '../../policies/holdings.js';
import type { Policy, Rule } from '../../policies/policy.js';
import type { PolicyChange, PolicyEffects } from '../../policies/policy-change.js';
import { allowRulesOf, deniesEveryone, itemsMeet, itemsOf, RuleOverlap } from '../../policies/rule-cover.js';
import type { Missing } from './missing.js';

/** What the caller lacks for this write of a policy; `others` are all policies before it. Run in slices. */
export function* missingForPolicy(
  caller: Holdings,
  change: PolicyChange,
  effects: PolicyEffects,
  others: readonly Policy[],
): Generator<void, Missing | undefined> {
  const { before, after } = change;
  const { allowed, lifted } = effects;
  const given = after && (yield* notHeld(caller.givingBy(after), allowed));
  if (given) return given;
  const back = before && (yield* notGivenBack(caller.givingBy(before), before, lifted, others));
  if (back) return back;
  return notNamed(caller, change, effects, others) ?? (yield* notTaken(caller, change, effects, others));
}

function* notHeld(caller: Holdings, given: Iterable<Rule>): Generator<void, Missing | undefined> {
  for (const rule of given) {
    if (!caller.covers(rule)) {
      return { description: `the caller does not have the permissions that this grants: ${textOf(rule)}` };
    }
    yield;
  }
  return undefined;
}

function* notGivenBack(
  caller: Holdings,
  before: Policy,
  lifted: readonly Rule[],
  others: readonly Policy[],
): Generator<void, Missing | undefined> {
  const missing = yield* notHeld(caller, lifted);
  return missing ?? (yield* notHeld(caller, openedBy(caller, before, lifted, others)));
}

/**
 * A deny of one identifier also blocks the items on `*`, such as `book:*:read` for a deny on book 1. Lifting it
 * restores what other policies grant of these. Items that the caller covers as a whole are left out.
 */
function* openedBy(
  caller: Holdings,
  before: Policy,
  lifted: readonly Rule[],
  others: readonly Policy[],
): Generator<Rule> {
  const narrow = lifted.filter(({ identifier }) => identifier !== ALL);
  if (narrow.length === 0) return;
  const bound = new Set(before.clientIds);
  const isShared = ({ id, everyone, clientIds }: Policy) =>
    id !== before.id && (everyone || before.everyone || clientIds.some((client) => bound.has(client)));
  const isCovered = (item: ScopeItem) => caller.covers(ruleOf(item));
  const denies = everywhere(narrow).filter((item) => !isCovered(item));
  const met = new RuleOverlap(denies.map(ruleOf));
  const wide = everywhere(
    others
      .filter(isShared)
      .flatMap(allowRulesOf)
      .filter(({ identifier }) => identifier === ALL),
  );
  for (const item of wide) {
    if (!met.meetsItem(item) || isCovered(item)) continue;
    for (const deny of denies) {
      if (!itemsMeet(item, deny)) continue;
      const resource = narrower(item.resource, deny.resource);
      yield ruleOf({ resource, identifier: ALL, operation: narrower(item.operation, deny.operation) });
    }
  }
}

const ruleOf = ({ resource, identifier, operation }: ScopeItem): Rule => ({
  effect: 'allow',
  resource,
  identifier,
  operations: [operation],
});

/** What the rules name, each once, on every identifier. */
function everywhere(rules: readonly Rule[]): ScopeItem[] {
  const items = rules.flatMap(itemsOf).map((item) => ({ ...item, identifier: ALL }));
  return [...new Map(items.map((item) => [formatScopeItem(item), item])).values()];
}

const narrower = (one: string, other: string): string => (one === ALL ? other : one);

const CHANGING = ['update', 'delete'] as const;

/**
 * A deny for everyone binds its administrators too: lifting it, or granting the right to, requires a permission that
 * names the policy.
 */
function notNamed(
  caller: Holdings,
  { before, after }: PolicyChange,
  { allowed, lifted }: PolicyEffects,
  others: readonly Policy[],
): Missing | undefined {
  const lifts = before?.everyone && lifted.length > 0;
  const lifting = lifts ? [{ policy: before, operation: after ? 'update' : 'delete' }] : [];
  const binding = new Map(others.filter(deniesEveryone).map((policy) => [policy.id, policy]));
  const giving = allowed.flatMap(({ resource, identifier, operations }) => {
    const policy = resource === 'AccessPolicy' ? binding.get(identifier) : undefined;
    if (!policy) return [];
    return CHANGING.filter((name) => operations.includes(name) || operations.includes(ALL)).map(
      (operation) => ({ policy, operation }),
    );
  });
  const missing = [...lifting, ...giving].find(
    ({ policy, operation }) => !caller.mayByName(policy, operation),
  );
  return missing && lackingByName(missing.policy, missing.operation);
}

/** What the caller lacks for impersonating a client that may lift denies for everyone. */
export function missingByName(
  caller: Holdings,
  client: Holdings,
  policies: readonly Policy[],
): Missing | undefined {
  for (const policy of policies.filter(deniesEveryone)) {
    const operation = CHANGING.find(
      (name) => client.mayByName(policy, name) && !caller.mayByName(policy, name),
    );
    if (operation) return lackingByName(policy, operation);
  }
  return undefined;
}

function lackingByName({ id }: Policy, operation: string): Missing {
  const permission = `AccessPolicy:${id}:${operation}`;
  return {
    description: `the policy ${id} denies permissions to everyone: the caller lacks ${permission}, granted by name in a policy created after it began to`,
    permission,
  };
}

/**
 * A deny removes what other policies grant: the caller must hold that itself or be permitted to update those
 * policies.
 */
function* notTaken(
  caller: Holdings,
  { after }: PolicyChange,
  { denied }: PolicyEffects,
  others: readonly Policy[],
): Generator<void, Missing | undefined> {
  const remaining = others.filter(({ id }) => id !== after?.id);
  const leftOut = new Set(after?.exceptIds);
  const bindsAny = ({ everyone, clientIds }: Policy) => everyone || clientIds.some((id) => !leftOut.has(id));
  const taking = [{ denies: denied.everyone, bound: remaining.filter(bindsAny) }];
  for (const { clients, denies } of denied.groups) {
    taking.push({ denies, bound: remaining.filter((policy) => appliesToAny(policy, clients)) });
    yield;
  }
  for (const { denies, bound } of taking) {
    const overlap = new RuleOverlap(denies);
    yield;
    for (const policy of bound) {
      const mayUpdate = caller.may({
        resource: 'AccessPolicy',
        identifier: policy.id,
        operation: 'update',
      });
      for (const rule of mayUpdate ? [] : allowRulesOf(policy)) {
        if (overlap.meets(rule) && !caller.reachesAllOf(rule)) return notTakable(rule);
        yield;
      }
    }
  }
  return undefined;
}

const notTakable = (rule: Rule): Missing => ({
  description: `the caller does not have the permissions that this takes away: ${textOf(rule)}`,
});

const appliesToAny = ({ everyone, exceptIds, clientIds }: Policy, clients: ReadonlySet<string>): boolean =>
  everyone
    ? exceptIds.filter((id) => clients.has(id)).length < clients.size
    : clientIds.some((id) => clients.has(id));

/** Whether judging this change needs the other policies. */
export const needsOtherPolicies = ({ allowed, lifted, denied }: PolicyEffects): boolean =>
  denied.everyone.length > 0 ||
  denied.groups.length > 0 ||
  lifted.length > 0 ||
  allowed.some(({ resource, identifier }) => resource === 'AccessPolicy' && identifier !== ALL);

const textOf = ({ resource, identifier, operations }: Rule): string =>
  `${resource}:${identifier}:${operations.join(',')}`;

import { ALL, formatScopeItem, type ScopeItem } from '../../../../packages/protocol/src/scope-item.js';
import { Holdings } from '../../../policies/holdings.js';
import { appliesTo, type Policy, type Rule } from '../../../policies/policy.js';
import { allowedBy, deniedBy, liftedBy, type PolicyChange } from '../../../policies/policy-change.js';
import { allowRulesOf, deniesEveryone, itemsMeet, itemsOf } from '../../../policies/rule-cover.js';
import type { Missing } from './missing.js';

/** What the caller lacks for this write of a policy; `others` are all policies before it. */
export function missingForPolicy(
  caller: Holdings,
  change: PolicyChange,
  others: readonly Policy[],
): Missing | undefined {
  const { before, after } = change;
  return (
    (after && notHeld(caller.givingBy(after), allowedBy(change))) ??
    (before && notHeld(caller.givingBy(before), [...liftedBy(change), ...openedBy(change, others)])) ??
    notNamed(caller, change, others) ??
    notTaken(caller, change, others)
  );
}

function notHeld(caller: Holdings, given: readonly Rule[]): Missing | undefined {
  const rule = given.find((one) => !caller.covers(one));
  return (
    rule && { description: `the caller does not have the permissions that this grants: ${textOf(rule)}` }
  );
}

/**
 * A deny of one identifier also blocks the items on `*`, such as `book:*:read` for a deny on book 1. Lifting it
 * restores what other policies grant of these.
 */
function openedBy(change: PolicyChange, others: readonly Policy[]): Rule[] {
  const { before } = change;
  const narrow = liftedBy(change).filter(({ identifier }) => identifier !== ALL);
  if (!before || narrow.length === 0) return [];
  const bound = new Set(before.clientIds);
  const isShared = ({ id, everyone, clientIds }: Policy) =>
    id !== before.id && (everyone || before.everyone || clientIds.some((client) => bound.has(client)));
  const lifted = everywhere(narrow);
  const wide = everywhere(
    others
      .filter(isShared)
      .flatMap(allowRulesOf)
      .filter(({ identifier }) => identifier === ALL),
  );
  return wide.flatMap((item) =>
    lifted
      .filter((deny) => itemsMeet(item, deny))
      .map(
        (deny): Rule => ({
          effect: 'allow',
          resource: narrower(item.resource, deny.resource),
          identifier: ALL,
          operations: [narrower(item.operation, deny.operation)],
        }),
      ),
  );
}

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
function notNamed(caller: Holdings, change: PolicyChange, others: readonly Policy[]): Missing | undefined {
  const { before, after } = change;
  const lifts = before?.everyone && liftedBy(change).length > 0;
  const lifting = lifts ? [{ policy: before, operation: after ? 'update' : 'delete' }] : [];
  const binding = new Map(others.filter(deniesEveryone).map((policy) => [policy.id, policy]));
  const giving = allowedBy(change).flatMap(({ resource, identifier, operations }) => {
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
function notTaken(caller: Holdings, change: PolicyChange, others: readonly Policy[]): Missing | undefined {
  const { everyone, clients } = deniedBy(change);
  const remaining = others.filter(({ id }) => id !== change.after?.id);
  const leftOut = new Set(change.after?.exceptIds);
  const bound = remaining.filter(
    (policy) => policy.everyone || policy.clientIds.some((id) => !leftOut.has(id)),
  );
  const taken = everyone.length > 0 ? new Holdings(bound).touchedBy(everyone) : [];
  for (const [client, denies] of clients) {
    const reaching = remaining.filter((policy) => appliesTo(policy, client));
    taken.push(...new Holdings(reaching).touchedBy(denies));
  }
  const mayUpdate = (identifier: string) =>
    caller.may({ resource: 'AccessPolicy', identifier, operation: 'update' });
  const rule = taken.find((one) => !caller.reachesAllOf(one.rule) && !mayUpdate(one.policy))?.rule;
  return (
    rule && { description: `the caller does not have the permissions that this takes away: ${textOf(rule)}` }
  );
}

/** Whether judging this change needs the other policies. */
export function needsOtherPolicies(change: PolicyChange): boolean {
  const { everyone, clients } = deniedBy(change);
  return (
    everyone.length > 0 ||
    clients.size > 0 ||
    liftedBy(change).length > 0 ||
    allowedBy(change).some(({ resource, identifier }) => resource === 'AccessPolicy' && identifier !== ALL)
  );
}

const textOf = ({ resource, identifier, operations }: Rule): string =>
  `${resource}:${identifier}:${operations.join(',')}`;

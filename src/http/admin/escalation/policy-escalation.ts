import { Holdings } from '../../../policies/holdings.js';
import { appliesTo, type Policy, type Rule } from '../../../policies/policy.js';
import { allowedBy, deniedBy, liftedBy, type PolicyChange } from '../../../policies/policy-change.js';
import { denyRulesOf } from '../../../policies/rule-cover.js';
import { ALL } from '../../../protocol/scope-item.js';
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
    (before && notHeld(caller.givingBy(before), liftedBy(change))) ??
    notNamed(caller, change, others) ??
    notTaken(caller, change, others)
  );
}

function notHeld(caller: Holdings, given: readonly Rule[]): Missing | undefined {
  const rule = given.find((one) => !caller.covers(one));
  return rule && { description: `the caller does not hold what this gives: ${textOf(rule)}` };
}

const CHANGING = ['update', 'delete'] as const;

/** A deny for everyone binds its keepers too: lifting it, or giving the right to, takes a right that names the policy. */
function notNamed(caller: Holdings, change: PolicyChange, others: readonly Policy[]): Missing | undefined {
  const { before, after } = change;
  const lifts = before?.everyone && liftedBy(change).length > 0;
  const lifting = lifts ? [{ id: before.id, operation: after ? 'update' : 'delete' }] : [];
  const binding = new Set(others.filter(bindsEveryone).map(({ id }) => id));
  const giving = allowedBy(change)
    .filter(({ resource, identifier }) => resource === 'AccessPolicy' && binding.has(identifier))
    .flatMap(({ identifier: id, operations }) =>
      CHANGING.filter((name) => operations.includes(name) || operations.includes(ALL)).map((operation) => ({
        id,
        operation,
      })),
    );
  const missing = [...lifting, ...giving].find(({ id, operation }) => !caller.mayByName(id, operation));
  if (!missing) return undefined;
  const permission = `AccessPolicy:${missing.id}:${missing.operation}`;
  return {
    description: `the policy ${missing.id} denies something to everyone: the caller lacks ${permission} by name`,
    permission,
  };
}

const bindsEveryone = (policy: Policy): boolean => policy.everyone && denyRulesOf(policy).length > 0;

/** A deny takes what other policies give: the caller must hold that itself, or be permitted to take it out of them. */
function notTaken(caller: Holdings, change: PolicyChange, others: readonly Policy[]): Missing | undefined {
  const { everyone, clients } = deniedBy(change);
  const standing = others.filter(({ id }) => id !== change.after?.id);
  const leftOut = new Set(change.after?.exceptIds);
  const bound = standing.filter(
    (policy) => policy.everyone || policy.clientIds.some((id) => !leftOut.has(id)),
  );
  const taken = everyone.length > 0 ? new Holdings(bound).touchedBy(everyone) : [];
  for (const [client, denies] of clients) {
    const reaching = standing.filter((policy) => appliesTo(policy, client));
    taken.push(...new Holdings(reaching).touchedBy(denies));
  }
  const mayUpdate = (identifier: string) =>
    caller.may({ resource: 'AccessPolicy', identifier, operation: 'update' });
  const rule = taken.find((one) => !caller.reachesAllOf(one.rule) && !mayUpdate(one.policy))?.rule;
  return rule && { description: `the caller does not hold what this takes away: ${textOf(rule)}` };
}

/** Whether judging this change needs the other policies. */
export function looksAtOthers(change: PolicyChange): boolean {
  const { everyone, clients } = deniedBy(change);
  return (
    everyone.length > 0 ||
    clients.size > 0 ||
    allowedBy(change).some(({ resource, identifier }) => resource === 'AccessPolicy' && identifier !== ALL)
  );
}

const textOf = ({ resource, identifier, operations }: Rule): string =>
  `${resource}:${identifier}:${operations.join(',')}`;

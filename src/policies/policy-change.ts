import type { Policy, Rule } from './policy.js';
import { allowRulesOf, denyRulesOf, RuleCover } from './rule-cover.js';

/** A write of a policy; null: the policy does not exist. */
export interface PolicyChange {
  before: Policy | null;
  after: Policy | null;
}

/** What a write of a policy gives and takes. */
export interface PolicyEffects {
  allowed: Rule[];
  lifted: Rule[];
  denied: Denied;
}

export function* effectsOf(change: PolicyChange): Generator<void, PolicyEffects> {
  const allowed = allowedBy(change);
  yield;
  const lifted = liftedBy(change);
  yield;
  return { allowed, lifted, denied: deniedBy(change) };
}

/** What the new version allows: linking a client grants it all of that. */
const allowedBy = ({ after }: PolicyChange): Rule[] => (after ? allowRulesOf(after) : []);

/** What the old version denied and the new one does not; removing a client from a policy lifts all of it. */
function liftedBy({ before, after }: PolicyChange): Rule[] {
  if (!before) return [];
  const denied = denyRulesOf(before);
  if (!after || !reachesAllOf(after, before)) return denied;
  return uncovered(denied, denyRulesOf(after));
}

/** New deny rules: for every client, or for groups of clients. */
export interface Denied {
  everyone: Rule[];
  groups: { clients: ReadonlySet<string>; denies: Rule[] }[];
}

/** What the new version denies to clients that the old one did not. */
function deniedBy({ before, after }: PolicyChange): Denied {
  const denied = after ? denyRulesOf(after) : [];
  const added = before ? uncovered(denied, denyRulesOf(before)) : denied;
  if (after?.everyone) return { everyone: before?.everyone ? added : denied, groups: [] };
  const reached = reachOf(before);
  const linked = after?.clientIds ?? [];
  const groups = [
    { clients: new Set(linked.filter(reached)), denies: added },
    { clients: new Set(linked.filter((id) => !reached(id))), denies: denied },
  ];
  return {
    everyone: [],
    groups: groups.filter(({ clients, denies }) => clients.size > 0 && denies.length > 0),
  };
}

function uncovered(rules: readonly Rule[], by: readonly Rule[]): Rule[] {
  const cover = new RuleCover(by);
  return rules.filter((rule) => !cover.covers(rule));
}

function reachesAllOf(after: Policy, before: Policy): boolean {
  if (before.everyone) return after.everyone && after.exceptIds.every((id) => before.exceptIds.includes(id));
  return before.clientIds.every(reachOf(after));
}

/** `appliesTo` for many clients. */
function reachOf(policy: Policy | null): (clientId: string) => boolean {
  if (!policy) return () => false;
  const named = new Set(policy.everyone ? policy.exceptIds : policy.clientIds);
  return (clientId) => named.has(clientId) !== policy.everyone;
}

import type { Policy, Rule } from './policy.js';
import { allowRulesOf, denyRulesOf, RuleCover } from './rule-cover.js';

/** A write of a policy; null: the policy does not exist. */
export interface PolicyChange {
  before: Policy | null;
  after: Policy | null;
}

/** What the new version allows: linking a client grants it all of that. */
export const allowedBy = ({ after }: PolicyChange): Rule[] => (after ? allowRulesOf(after) : []);

/** What the old version denied and the new one does not; removing a client from a policy lifts all of it. */
export function liftedBy({ before, after }: PolicyChange): Rule[] {
  if (!before) return [];
  const denied = denyRulesOf(before);
  if (!after || !reachesAllOf(after, before)) return denied;
  return uncovered(denied, denyRulesOf(after));
}

/** New deny rules: for every client, or for these. */
export interface Denied {
  everyone: Rule[];
  clients: ReadonlyMap<string, Rule[]>;
}

/** What the new version denies to clients that the old one did not. */
export function deniedBy({ before, after }: PolicyChange): Denied {
  const denied = after ? denyRulesOf(after) : [];
  const added = before ? uncovered(denied, denyRulesOf(before)) : denied;
  if (after?.everyone) return { everyone: before?.everyone ? added : denied, clients: new Map() };
  const reached = reachOf(before);
  const clients = (after?.clientIds ?? []).map((id): [string, Rule[]] => [id, reached(id) ? added : denied]);
  return { everyone: [], clients: new Map(clients.filter(([, rules]) => rules.length > 0)) };
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

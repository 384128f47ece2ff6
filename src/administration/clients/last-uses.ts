import type { FederatedRule, TokenDemand } from '../../clients/federation/trusted-issuer.js';
import { type LastUse, ruleUseId } from '../../clients/usage/last-use.js';
import type { Fault } from '../../protocol/problem.js';
import type { Check } from '../documents/member-checks.js';
import { isObject, type JsonObject } from '../documents/merge-patch.js';
import { isoTime, present } from '../documents/meta.js';
import type { ShownClient } from './shown-clients.js';

const MEMBERS: ReadonlySet<string> = new Set(['secret', 'kid', 'rule', 'time', 'address', 'user_agent']);

const MESSAGE = 'is read-only: omit it, or send it as it was returned';

/** They change by themselves, so any earlier value may be sent back. */
export const lastUses: Check = (value) =>
  Array.isArray(value) && value.every(mayHaveBeenShown) ? undefined : MESSAGE;

export const patchedUsesFaults = ({ last_uses }: JsonObject): Fault[] =>
  last_uses === null ? [{ path: 'last_uses', message: MESSAGE }] : [];

const mayHaveBeenShown = (use: unknown): boolean =>
  isObject(use) &&
  Object.entries(use).every(
    ([name, value]) => MEMBERS.has(name) && (name === 'rule' ? isObject(value) : typeof value === 'string'),
  );

/** Keys that were fetched take each other's places, so a `kid` may have several; the newest is shown. */
export function lastUsesView({ id: clientId, uses, federated }: ShownClient): JsonObject[] | undefined {
  const rules = new Map((federated ?? []).map((rule) => [ruleUseId(clientId, rule), rule]));
  const kids = new Set<string>();
  const shown = uses.filter(({ kind, name }) => kind !== 'key' || (!kids.has(name) && kids.add(name)));
  return shown.length > 0 ? shown.map((use) => useView(use, rules.get(use.id))) : undefined;
}

const useView = (use: LastUse, rule: FederatedRule | undefined): JsonObject =>
  present({
    secret: use.kind === 'secret' ? use.id : undefined,
    kid: use.kind === 'key' ? use.name : undefined,
    rule: use.kind === 'rule' ? (rule ? ruleView(rule) : formerRule(use.name)) : undefined,
    time: isoTime(use.usedAt),
    address: use.address || undefined,
    user_agent: use.userAgent,
  });

export const ruleView = ({ issuer, subject, claims }: TokenDemand & { issuer: string }): JsonObject =>
  present({ issuer, subject, claims: Object.keys(claims).length > 0 ? claims : undefined });

/** Of a rule that was changed or removed since, or that admits workloads, its claims are not kept. */
function formerRule(name: string): JsonObject {
  const space = name.indexOf(' ');
  return { issuer: name.slice(0, space), subject: name.slice(space + 1) };
}

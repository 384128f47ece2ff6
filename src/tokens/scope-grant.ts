import type { CompiledPolicies } from '../policies/compiled-policies.js';
import { decide } from '../policies/decision.js';
import { coversBareAudiences, wholeGrant } from '../policies/whole-grant.js';
import { invalidRequest } from '../protocol/oauth-error.js';
import { parseScope } from '../protocol/scope.js';
import type { Catalog } from '../resources/catalog.js';
import { contextOf, type Target } from './audience.service.js';
import type { Dialect, ScopeOutcome } from './dialects/dialect.js';

/** Decides which items of a requested scope are granted; without one, the whole grant of the audience. */
export function grantScope(
  requested: string | undefined,
  target: Target,
  dialect: Dialect,
  catalog: Catalog,
  policies: CompiledPolicies,
): ScopeOutcome {
  const items = parseScope(requested ?? '');
  if (items.length === 0) return defaultScope(target, dialect, catalog, policies);
  const outcome = decideItems(items, target, catalog, policies);
  dialect.settleScope(outcome);
  return outcome;
}

export function decideItems(
  items: readonly string[],
  target: Target,
  catalog: Catalog,
  policies: CompiledPolicies,
): { granted: string[]; rejected: string[] } {
  const decisions = decide(policies, items, contextOf(target, catalog));
  return {
    granted: decisions.filter(({ granted }) => granted).map(({ scope }) => scope),
    rejected: decisions.filter(({ granted }) => !granted).map(({ scope }) => scope),
  };
}

/** No scope for the server's own audience and for unregistered ones: there the policies decide at each request. */
function defaultScope(
  { audiences, asked }: Target,
  dialect: Dialect,
  catalog: Catalog,
  policies: CompiledPolicies,
): ScopeOutcome {
  if (dialect.scopeRequired) throw invalidRequest('scope is required');
  const foreign = audiences.some(
    (audience) => catalog.isAudience(audience) && audience !== catalog.ownAudience,
  );
  if (!asked || !foreign) return { granted: null, rejected: [] };
  const outcome = { granted: wholeGrant(policies, catalog, audiences), rejected: [] };
  const isBare = outcome.granted.length === 0 && coversBareAudiences(policies, catalog, audiences);
  if (!isBare) dialect.settleScope(outcome);
  return outcome;
}

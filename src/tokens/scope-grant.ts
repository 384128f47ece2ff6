import type { CompiledPolicies } from '../policies/compiled-policies.js';
import { decide, type ItemDecision } from '../policies/decision.js';
import { coversBareAudiences, wholeGrant } from '../policies/whole-grant.js';
import { invalidRequest } from '../protocol/oauth-error.js';
import { parseScope } from '../protocol/scope.js';
import type { Catalog } from '../resources/catalog.js';
import { inSlices } from '../runtime/slices.js';
import { contextOf, type Target } from './audience.service.js';
import type { Dialect, ScopeOutcome } from './dialects/dialect.js';

/** Pairs of an item and an audience; deciding more would block the event loop. */
const MAX_UNSLICED = 2000;

interface DecidedItems {
  granted: string[];
  rejected: string[];
}

/** Decides which items of a requested scope are granted; without one, the whole grant of the audience. */
export async function grantScope(
  requested: string | undefined,
  target: Target,
  dialect: Dialect,
  catalog: Catalog,
  policies: CompiledPolicies,
): Promise<ScopeOutcome> {
  const items = parseScope(requested ?? '');
  if (items.length === 0) return defaultScope(target, dialect, catalog, policies);
  const many = items.length * target.audiences.length > MAX_UNSLICED;
  const outcome = many
    ? await inSlices(decideInSteps(items, target, catalog, policies))
    : decideItems(items, target, catalog, policies);
  dialect.settleScope(outcome);
  return outcome;
}

export function decideItems(
  items: readonly string[],
  target: Target,
  catalog: Catalog,
  policies: CompiledPolicies,
): DecidedItems {
  return partsOf(decide(policies, items, contextOf(target, catalog)));
}

/** Each item may name an operation in each audience. */
function* decideInSteps(
  items: readonly string[],
  target: Target,
  catalog: Catalog,
  policies: CompiledPolicies,
): Generator<void, DecidedItems> {
  const context = contextOf(target, catalog);
  const decisions: ItemDecision[] = [];
  for (const item of items) {
    decisions.push(...decide(policies, [item], context));
    yield;
  }
  return partsOf(decisions);
}

function partsOf(decisions: readonly ItemDecision[]): DecidedItems {
  return {
    granted: decisions.filter(({ granted }) => granted).map(({ scope }) => scope),
    rejected: decisions.filter(({ granted }) => !granted).map(({ scope }) => scope),
  };
}

/** No scope for the server's own audience and for unregistered ones: there the policies decide at each request. */
async function defaultScope(
  { audiences, asked }: Target,
  dialect: Dialect,
  catalog: Catalog,
  policies: CompiledPolicies,
): Promise<ScopeOutcome> {
  if (dialect.scopeRequired) throw invalidRequest('scope is required');
  const foreign = audiences.some(
    (audience) => catalog.isAudience(audience) && audience !== catalog.ownAudience,
  );
  if (!asked || !foreign) return { granted: null, rejected: [] };
  const outcome = { granted: await inSlices(wholeGrant(policies, catalog, audiences)), rejected: [] };
  const isBare = outcome.granted.length === 0 && coversBareAudiences(policies, catalog, audiences);
  if (!isBare) dialect.settleScope(outcome);
  return outcome;
}

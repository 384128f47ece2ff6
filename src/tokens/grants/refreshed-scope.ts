import type { CompiledPolicies } from '../../policies/compiled-policies.js';
import { type DecisionContext, meaningOf } from '../../policies/decision.js';
import { coversBareAudiences } from '../../policies/whole-grant.js';
import { invalidGrant, invalidScope } from '../../protocol/oauth-error.js';
import { parseScope } from '../../protocol/scope.js';
import type { Catalog } from '../../resources/catalog.js';
import { derivedAudience } from '../derived-audience.js';
import type { ScopeOutcome } from '../dialects/dialect.js';
import { itemsFor, type OriginalGrant } from '../original-grant.js';
import { decideItems } from '../scope-grant.js';
import { contextOfSession, coverOf } from '../session-scope.js';

/**
 * The part of the requested scope that a refresh grants now: for the audiences of the original grant that the client
 * can still request, or for fewer of them.
 */
export function refreshedScope(
  requested: string | undefined,
  first: OriginalGrant,
  { remaining, audience }: { remaining: readonly string[]; audience: readonly string[] },
  catalog: Catalog,
  policies: CompiledPolicies,
): ScopeOutcome {
  const items = itemsOf(requested, first, catalog);
  if (items === null) return { granted: null, rejected: [] };
  if (items.length === 0) {
    if (!coversBareAudiences(policies, catalog, audience)) throw nothingLeft();
    return { granted: [], rejected: [] };
  }
  const isNarrowed = audience.length < remaining.length;
  const narrowed = isNarrowed ? decideFor(audience, items, first, catalog, policies) : undefined;
  if (narrowed && narrowed.granted.length > 0) return narrowed;
  const whole = decideFor(remaining, items, first, catalog, policies);
  if (whole.granted.length === 0) throw nothingLeft();
  // The refresh token stays valid: only this request cannot be granted.
  if (isNarrowed) throw noItemOfAudience();
  return whole;
}

/** The audiences of the refreshed token: those that followed from the original items follow from what is granted now. */
export function refreshedAudience(
  audience: readonly string[],
  isRequested: boolean,
  granted: readonly string[] | null,
  first: OriginalGrant,
  catalog: Catalog,
): string[] {
  if (first.audienceAsked || first.scope === null || granted === null) return [...audience];
  const following = derivedAudience(granted, catalog);
  const left = audience.filter((one) => following.includes(one));
  if (left.length === 0 || (isRequested && left.length < audience.length)) throw noItemOfAudience();
  return left;
}

export const nothingLeft = () => invalidGrant('no item of the original grant is granted any more');

const noItemOfAudience = () => invalidScope('no item of scope belongs to the requested audience');

function decideFor(
  audiences: readonly string[],
  items: readonly string[],
  first: OriginalGrant,
  catalog: Catalog,
  policies: CompiledPolicies,
) {
  const target = { audiences: [...audiences], asked: first.audienceAsked };
  const { granted } = decideItems(itemsFor(audiences, items, first, catalog), target, catalog, policies);
  const grantedItems = new Set(granted);
  return { granted, rejected: items.filter((item) => !grantedItems.has(item)) };
}

/** RFC 6749 6: a refresh may request nothing outside the original grant. */
function itemsOf(
  requested: string | undefined,
  first: OriginalGrant,
  catalog: Catalog,
): readonly string[] | null {
  const { scope } = first;
  const items = parseScope(requested ?? '');
  if (items.length === 0) return scope;
  if (scope !== null && !isInside(items, scope, contextOfSession(first, catalog))) {
    throw invalidScope('scope contains an item outside the original grant');
  }
  return items;
}

function isInside(items: readonly string[], scope: readonly string[], context: DecisionContext): boolean {
  const known = new Set(scope);
  const others = items.filter((item) => !known.has(item));
  if (others.length === 0) return true;
  const covers = coverOf(scope, context);
  return others.every((item) => {
    const meant = meaningOf(item, context);
    return meant.length > 0 && meant.every(covers);
  });
}

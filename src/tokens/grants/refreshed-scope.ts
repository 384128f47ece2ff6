import type { CompiledPolicies } from '../../policies/compiled-policies.js';
import { type DecisionContext, meaningOf } from '../../policies/decision.js';
import { invalidGrant, invalidScope } from '../../protocol/oauth-error.js';
import { parseScope } from '../../protocol/scope.js';
import { itemCovers } from '../../protocol/scope-item.js';
import type { Catalog } from '../../resources/catalog.js';
import type { Session } from '../../sessions/session.js';
import type { ScopeOutcome } from '../dialects/dialect.js';
import { decideItems } from '../scope-grant.js';
import { contextOfSession } from '../session-scope.js';

/** The first session of a family holds its original grant: narrowing once does not narrow later (OAuth 2.1 4.3.3). */
type OriginalGrant = Pick<Session, 'scope' | 'audience' | 'audienceAsked'>;

/** What a refresh grants now of what is asked of the original grant, for these of its audiences. */
export function refreshedScope(
  requested: string | undefined,
  first: OriginalGrant,
  audience: readonly string[],
  catalog: Catalog,
  policies: CompiledPolicies,
): ScopeOutcome {
  const items = itemsOf(requested, first, catalog);
  if (items === null) return { granted: null, rejected: [] };
  const whole = decideItems(items, targetOf(first), catalog, policies);
  if (audience.length === first.audience.length) {
    if (whole.granted.length === 0) throw invalidGrant('nothing of the original grant is left');
    return whole;
  }
  const inside = items.filter((item) => isFor(audience, item, first, catalog));
  const { granted } = decideItems(
    inside,
    { ...targetOf(first), audiences: [...audience] },
    catalog,
    policies,
  );
  if (granted.length > 0) return { granted, rejected: items.filter((item) => !granted.includes(item)) };
  // The refresh token is as good as before: only this request asks for what it cannot give.
  if (whole.granted.length > 0)
    throw invalidScope('nothing of the scope is for the audience that is asked for');
  throw invalidGrant('nothing of the original grant is left');
}

const targetOf = ({ audience, audienceAsked }: OriginalGrant) => ({
  audiences: audience,
  asked: audienceAsked,
});

/** RFC 6749 6: a refresh asks for nothing outside the original grant. */
function itemsOf(
  requested: string | undefined,
  first: OriginalGrant,
  catalog: Catalog,
): readonly string[] | null {
  const { scope } = first;
  const asked = parseScope(requested ?? '');
  if (asked.length === 0) return scope;
  const context = contextOfSession(first, catalog);
  const isInside = (item: string) =>
    scope?.includes(item) || staysInside(item, context, scope ?? [], context);
  if (scope !== null && !asked.every(isInside)) {
    throw invalidScope('scope holds an item outside the original grant');
  }
  return asked;
}

/**
 * Whether an item is for these audiences. A bare name means an operation of the audiences' resources; with fewer of
 * them it must not come to mean anything else.
 */
function isFor(audience: readonly string[], item: string, first: OriginalGrant, catalog: Catalog): boolean {
  const original = contextOfSession(first, catalog);
  if (first.audienceAsked) return staysInside(item, { catalog, audiences: audience }, [item], original);
  return meaningOf(item, original).some(({ resource: id }) => {
    const resource = catalog.find(id);
    return resource !== undefined && audience.includes(catalog.audienceOf(resource));
  });
}

/** Whether what an item means in its context is covered by what others mean in theirs. */
function staysInside(
  item: string,
  context: DecisionContext,
  others: readonly string[],
  contextOfOthers: DecisionContext,
): boolean {
  const narrower = meaningOf(item, context);
  const wider = others.flatMap((other) => meaningOf(other, contextOfOthers));
  return narrower.length > 0 && narrower.every((one) => wider.some((other) => itemCovers(other, one)));
}

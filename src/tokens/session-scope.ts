import { itemCovers, type ScopeItem } from '../../packages/protocol/src/scope-item.js';
import { CompiledPolicies } from '../policies/compiled-policies.js';
import { type DecisionContext, meaningOf } from '../policies/decision.js';
import type { Catalog } from '../resources/catalog.js';
import type { PresentedSession } from '../sessions/session.js';

/** Items of a session are interpreted as they were granted: within its audiences if the request named them. */
export const contextOfSession = (
  { audience, audienceAsked }: Pick<PresentedSession, 'audience' | 'audienceAsked'>,
  catalog: Catalog,
): DecisionContext => (audienceAsked ? { catalog, audiences: audience } : { catalog });

/** The meaning of all items of the session's scope. */
export const meaningOfScope = (session: PresentedSession, catalog: Catalog): ScopeItem[] => {
  const context = contextOfSession(session, catalog);
  return (session.scope ?? []).flatMap((item) => meaningOf(item, context));
};

/** Whether one item of the session's scope covers this one; a session without a scope covers everything. */
export function scopeCovers(session: PresentedSession, item: ScopeItem, catalog: Catalog): boolean {
  const context = contextOfSession(session, catalog);
  return (
    session.scope?.some((granted) => meaningOf(granted, context).some((meant) => itemCovers(meant, item))) ??
    true
  );
}

/** The same for many items: the session's own are parsed once, and indexed if there are many. */
export function scopeCover(session: PresentedSession, catalog: Catalog): (item: ScopeItem) => boolean {
  return session.scope === null ? () => true : coverOf(session.scope, contextOfSession(session, catalog));
}

/** Whether one of these items covers another, for many others: they are parsed once, and indexed if there are many. */
export function coverOf(items: readonly string[], context: DecisionContext): (item: ScopeItem) => boolean {
  const rules = items.flatMap((granted) =>
    meaningOf(granted, context).map(({ resource, identifier, operation }) => ({
      effect: 'allow' as const,
      resource,
      identifier,
      operations: [operation],
    })),
  );
  const held = new CompiledPolicies([{ id: '', engine: 'rules', rules }]);
  return (item) => held.covering(item) !== undefined;
}

import { type DecisionContext, meaningOf } from '../policies/decision.js';
import { itemCovers, type ScopeItem } from '../protocol/scope-item.js';
import type { Catalog } from '../resources/catalog.js';
import type { PresentedSession } from '../sessions/session.js';

/** A session's items are read as they were granted: within its audiences where these were asked for. */
export const contextOfSession = (
  { audience, audienceAsked }: Pick<PresentedSession, 'audience' | 'audienceAsked'>,
  catalog: Catalog,
): DecisionContext => (audienceAsked ? { catalog, audiences: audience } : { catalog });

/** Whether one item of the session's scope covers what is asked for; a session without a scope covers everything. */
export function scopeCovers(session: PresentedSession, item: ScopeItem, catalog: Catalog): boolean {
  const context = contextOfSession(session, catalog);
  return (
    session.scope?.some((granted) => meaningOf(granted, context).some((meant) => itemCovers(meant, item))) ??
    true
  );
}

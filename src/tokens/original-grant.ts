import { itemCovers } from '../../packages/protocol/src/scope-item.js';
import { type DecisionContext, meaningOf } from '../policies/decision.js';
import type { Catalog } from '../resources/catalog.js';
import type { Session } from '../sessions/session.js';
import { contextOfSession } from './session-scope.js';

/** The first session of a family has the original grant: narrowing one refresh does not narrow later ones (OAuth 2.1 4.3.3). */
export type OriginalGrant = Pick<Session, 'scope' | 'audience' | 'audienceAsked'>;

/** The items that are for these audiences of the grant. */
export function itemsFor(
  audiences: readonly string[],
  items: readonly string[],
  first: OriginalGrant,
  catalog: Catalog,
): readonly string[] {
  if (audiences.length === first.audience.length) return items;
  return items.filter((item) => isFor(audiences, item, first, catalog));
}

/**
 * Whether an item is for these audiences. A bare name means an operation of the resources of the audiences; with fewer
 * audiences it must not change its meaning.
 */
function isFor(audiences: readonly string[], item: string, first: OriginalGrant, catalog: Catalog): boolean {
  const original = contextOfSession(first, catalog);
  if (first.audienceAsked) return staysInside(item, { catalog, audiences }, [item], original);
  return meaningOf(item, original).some(({ resource: id }) => {
    const resource = catalog.find(id);
    return resource !== undefined && audiences.includes(catalog.audienceOf(resource));
  });
}

/** Whether the meaning of an item in its context is covered by the meaning of others in theirs. */
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

import type { Claims } from '../protocol/claims.js';
import type { ResourceCatalog } from '../resources/resource-catalog.js';
import type { PresentedSession } from '../sessions/session.js';
import { textOf } from '../sessions/session-row.js';
import { itemsFor } from './original-grant.js';

/** A session as the current audience list of its client leaves it. */
export interface ListedSession extends PresentedSession {
  /** Without a requested audience: the only audiences whose items can still be granted; absent: any. */
  limit?: readonly string[];
  /** The claims of its client, with what identifies their version; absent: none. */
  own?: { claims: Claims; version: string };
}

/**
 * Lists are judged as policies are: the current one decides. An audience outside it is left out with its items, and a
 * session with nothing left is not live. The catalog is loaded only for that.
 */
export function withinList(
  session: PresentedSession,
  list: readonly string[],
  catalog: ResourceCatalog,
): ListedSession | Promise<ListedSession> {
  for (const audience of session.audience) {
    if (!isListed(audience, session, list)) return narrowed(session, list, catalog);
  }
  return session.audienceAsked ? session : { ...session, limit: list };
}

async function narrowed(
  session: PresentedSession,
  list: readonly string[],
  catalog: ResourceCatalog,
): Promise<ListedSession> {
  const audience = session.audience.filter((one) => isListed(one, session, list));
  if (audience.length === 0) return { ...session, live: false };
  const scope = session.scope && [...itemsFor(audience, session.scope, session, await catalog.current())];
  if (session.scope?.length && scope?.length === 0) return { ...session, live: false };
  const terms = { scope, audience };
  const left = { ...session, ...terms, text: textOf(terms) };
  return session.audienceAsked ? left : { ...left, limit: list };
}

/** The authing dialect puts the client's own id into `aud` where no audience was requested, whatever the list. */
const isListed = (
  audience: string,
  { clientId, audienceAsked }: PresentedSession,
  list: readonly string[],
): boolean => list.includes(audience) || (!audienceAsked && audience === clientId);

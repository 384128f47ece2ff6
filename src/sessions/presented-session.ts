import { textOrNull } from '../database/column-types.js';
import type { Lookup, Values } from '../database/row-reader.js';
import type { PresentedSession } from './session.js';
import { isAhead, listsOf, OWNERS_VALID, SESSION_WITH_OWNERS } from './session-row.js';

/** Only the columns that introspection needs; the order is that of `presentedSessionOf`. */
const SELECT_PRESENTED = `
  SELECT s.id, s.client_id, s.issuer, s.subject, s.scope, s.audience, s.audience_asked, s.token_digest,
    s.started_at, s.ends_at, s.federated, s.closed_at IS NULL AND ${OWNERS_VALID}, c.expires_at
  FROM ${SESSION_WITH_OWNERS}`;

/** The session of an access token by its id. */
export const PRESENTED_LOOKUP: Lookup = { select: SELECT_PRESENTED, by: 's.id' };

export function presentedSessionOf(row: Values, nowMilliseconds: number): PresentedSession {
  const [
    id,
    clientId,
    issuer,
    subject,
    scope,
    audience,
    asked,
    tokenDigest,
    startedAt,
    ends,
    federated,
    open,
    clientExpiresAt,
  ] = row;
  const text = { scope: textOrNull(scope), audience: String(audience) };
  const endsAt = Number(ends);
  return {
    id: String(id),
    clientId: String(clientId),
    issuer: String(issuer),
    subject: String(subject),
    ...listsOf(text),
    audienceAsked: Number(asked) === 1,
    tokenDigest: String(tokenDigest),
    startedAt: Number(startedAt),
    endsAt,
    federated: textOrNull(federated),
    live: Number(open) === 1 && endsAt > nowMilliseconds && isAhead(clientExpiresAt, nowMilliseconds),
    text,
  };
}

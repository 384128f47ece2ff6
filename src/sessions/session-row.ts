import { UUID } from 'uuidv7';
import type { TokenFormat } from '../../packages/protocol/src/token-format.js';
import { numberOrNull, textOrNull } from '../database/column-types.js';
import type { InsertTarget, MarkTarget, SqlValue } from '../database/durable-writer.js';
import type { Lookup, Values } from '../database/row-reader.js';
import type { NewSession, Session, SessionTerms, TermsText } from './session.js';
import { NOTE_TABLE } from './session-notes.js';

const COLUMNS = [
  'id',
  'client_id',
  'type',
  'door',
  'issuer',
  'subject',
  'scope',
  'audience',
  'audience_asked',
  'token_format',
  'kid',
  'token_digest',
  'started_at',
  'ends_at',
  'family_id',
  'family_ends_at',
  'refreshed_from',
  'refresh_digest',
  'refresh_ends_at',
  'generation',
  'federated',
] as const;

export const SESSION_TABLE: InsertTarget = {
  table: 'session',
  columns: COLUMNS,
  alike: [
    ...['federated', 'refreshed_from', 'refresh_digest', 'refresh_ends_at', 'family_id', 'family_ends_at'],
    ...['type', 'door', 'issuer', 'token_format', 'kid', 'audience_asked', 'audience', 'scope'],
    ...['subject', 'client_id', 'generation'],
  ],
};

/** A session with its owners: its client, the first session of its family, the key that signed its token. */
export const SESSION_WITH_OWNERS = `session s LEFT JOIN client c ON c.id = s.client_id LEFT JOIN session f ON f.id = s.family_id
  LEFT JOIN signing_key k ON k.kid = s.kid`;

/** A session from before the column existed has generation 0, unless it was closed by `sessions_closed_before`. */
const GENERATION = 'COALESCE(s.generation, CASE WHEN s.started_at > c.sessions_closed_before THEN 0 END)';

/** Whether the owners of a session are valid but for the expiry of its client; NULL, which counts as 0, without a client. */
export const OWNERS_VALID = `c.active = TRUE AND ${GENERATION} = c.session_generation AND f.family_closed_at IS NULL
  AND (s.family_id IS NULL OR f.id IS NOT NULL) AND (s.kid IS NULL OR k.kid IS NOT NULL)`;

/** The same at a time, which is the value of the placeholder. */
export const OWNERS_VALID_AT = `${OWNERS_VALID} AND (c.expires_at IS NULL OR c.expires_at > ?)`;

/** In place of the time at which a refresh token was used: a token that was issued for it has been used as well. */
export const SUPERSEDED = 0;

/** When the refresh token of the previous session was used; a join would slow down sessions without one. */
const USED_BEFORE = `CASE WHEN s.refreshed_from IS NOT NULL
    THEN (SELECT p.refresh_used_at FROM session p WHERE p.id = s.refreshed_from) END`;

/** One lookup by primary key; the order is that of `sessionOf`. */
const SELECT_SESSION = `
  SELECT ${COLUMNS.map((column) => `s.${column}`).join(', ')}, s.closed_at, s.refresh_used_at,
    f.family_closed_at, ${OWNERS_VALID}, ${USED_BEFORE}, c.expires_at
  FROM ${SESSION_WITH_OWNERS}`;

export const textOf = ({ scope, audience }: Pick<SessionTerms, 'scope' | 'audience'>): TermsText => ({
  scope: scope === null ? null : scope.join(' '),
  audience: JSON.stringify(audience),
});

export const listsOf = ({ scope, audience }: TermsText): Pick<SessionTerms, 'scope' | 'audience'> => ({
  scope: scope === null ? null : scope.split(' ').filter(Boolean),
  audience: JSON.parse(audience) as string[],
});

/** A session by its id. */
export const SESSION_LOOKUP: Lookup = { select: SELECT_SESSION, by: 's.id' };

const LAST_MILLISECOND = 2 ** 48 - 1;

/** A lower bound of the ids from this time on, and an upper bound of those before it. */
export const firstIdOf = (milliseconds: number): string =>
  UUID.fromFieldsV7(Math.min(Math.max(milliseconds, 0), LAST_MILLISECOND), 0, 0, 0).toString();

/** The timestamp of an id. */
export const timeOfId = (id: string): number => Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);

const closing = (column: 'closed_at' | 'family_closed_at', keys: readonly string[]): MarkTarget => ({
  table: 'session',
  column,
  keys,
  noted: NOTE_TABLE,
});

/** Closes a session but not its family. */
export const CLOSED = closing('closed_at', ['id']);

/** The same for the client of the session, if it presents its token. */
export const CLOSED_BY_CLIENT = closing('closed_at', ['id', 'client_id', 'token_digest']);

/** Closes a family through its first session. */
export const FAMILY_CLOSED = closing('family_closed_at', ['id']);

/** `text`: the columns that equal sessions share, serialized once. */
export const rowOf = (session: NewSession, text: TermsText): SqlValue[] => [
  session.id,
  session.clientId,
  session.type,
  session.dialect,
  session.issuer,
  session.subject,
  text.scope,
  text.audience,
  session.audienceAsked ? 1 : 0,
  session.tokenFormat,
  session.kid,
  session.tokenDigest,
  session.startedAt,
  session.endsAt,
  session.familyId,
  session.familyEndsAt,
  session.refreshedFrom,
  session.refreshDigest,
  session.refreshEndsAt,
  session.generation,
  session.federated,
];

/** Whether this time of expiry, if there is one, is still to come. */
export const isAhead = (expiresAt: unknown, nowMilliseconds: number): boolean =>
  (numberOrNull(expiresAt) ?? Number.POSITIVE_INFINITY) > nowMilliseconds;

export function sessionOf(row: Values, nowMilliseconds: number): Session {
  const [id, clientId, type, dialect, issuer, subject, scope, audience, audienceAsked, tokenFormat, kid] =
    row;
  const [tokenDigest, started, ends, family, familyEndsAt, refreshedFrom, refreshDigest, ...others] =
    row.slice(11);
  const [refreshEndsAt, generation, federated] = others;
  const [closed, refreshUsedAt, familyClosed, valid, parentUsedAt, clientExpiresAt] = row.slice(
    COLUMNS.length,
  );
  const startedAt = Number(started);
  const endsAt = Number(ends);
  const closedAt = numberOrNull(closed);
  const ownersValid = Number(valid) === 1 && isAhead(clientExpiresAt, nowMilliseconds);
  const text = { scope: textOrNull(scope), audience: String(audience) };
  return {
    id: String(id),
    clientId: String(clientId),
    type: String(type),
    dialect: String(dialect),
    issuer: String(issuer),
    subject: String(subject),
    ...listsOf(text),
    audienceAsked: Number(audienceAsked) === 1,
    tokenFormat: tokenFormat as TokenFormat,
    kid: textOrNull(kid),
    tokenDigest: String(tokenDigest),
    startedAt,
    endsAt,
    closedAt,
    familyId: textOrNull(family),
    familyEndsAt: numberOrNull(familyEndsAt),
    refreshedFrom: textOrNull(refreshedFrom),
    familyClosedAt: numberOrNull(familyClosed),
    refreshDigest: textOrNull(refreshDigest),
    refreshEndsAt: numberOrNull(refreshEndsAt),
    refreshUsedAt: numberOrNull(refreshUsedAt),
    siblingUsed: refreshUsedAt === null && numberOrNull(parentUsedAt) === SUPERSEDED,
    generation: Number(generation ?? 0),
    federated: textOrNull(federated),
    ownersValid,
    live: ownersValid && closedAt === null && endsAt > nowMilliseconds,
    text,
  };
}

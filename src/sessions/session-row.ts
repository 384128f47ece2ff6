import type { AppendTarget, MarkTarget, SqlValue } from '../database/durable-writer.js';
import type { Lookup, Row } from '../database/row-reader.js';
import type { TokenFormat } from '../protocol/grant-type.js';
import type { NewSession, Session, SessionTerms } from './session.js';

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
] as const;

export const SESSION_TABLE: AppendTarget = { table: 'session', columns: COLUMNS };

/** A session beside what it stands by: its client, the first session of its family, the key that signed its token. */
export const SESSION_WITH_OWNERS = `session s LEFT JOIN client c ON c.id = s.client_id LEFT JOIN session f ON f.id = s.family_id
  LEFT JOIN signing_key k ON k.kid = s.kid`;

/** One look by primary key. */
export const SELECT_SESSION = `
  SELECT ${COLUMNS.map((column) => `s.${column}`).join(', ')}, s.closed_at, s.refresh_used_at,
    c.active AS client_active, c.sessions_closed_before, f.id AS family_found, f.family_closed_at,
    k.kid AS key_found
  FROM ${SESSION_WITH_OWNERS}`;

/** The columns of a session's terms that are made into text; equal requests share them. */
export interface TermsText {
  scope: string | null;
  audience: string;
}

export const textOf = ({ scope, audience }: SessionTerms): TermsText => ({
  scope: scope === null ? null : scope.join(' '),
  audience: JSON.stringify(audience),
});

/** A session by its id. */
export const SESSION_LOOKUP: Lookup = { select: SELECT_SESSION, by: 's.id', column: 'id' };

/** Closes a session for whoever holds its token and is its client. */
export const CLOSED_BY_CLIENT: MarkTarget = {
  table: 'session',
  column: 'closed_at',
  keys: ['id', 'client_id', 'token_digest'],
};

export const rowOf = (session: NewSession, text = textOf(session)): SqlValue[] => [
  session.id,
  session.clientId,
  session.type,
  session.door,
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
];

export function sessionOf(row: Row, nowMilliseconds: number): Session {
  const startedAt = Number(row.started_at);
  const endsAt = Number(row.ends_at);
  const closedAt = numberOrNull(row.closed_at);
  const familyId = textOrNull(row.family_id);
  const familyClosedAt = numberOrNull(row.family_closed_at);
  const standing =
    Number(row.client_active) === 1 &&
    startedAt > Number(row.sessions_closed_before) &&
    familyClosedAt === null &&
    (familyId === null || row.family_found !== null) &&
    (row.kid === null || row.key_found !== null);
  return {
    id: String(row.id),
    clientId: String(row.client_id),
    type: String(row.type),
    door: String(row.door),
    issuer: String(row.issuer),
    subject: String(row.subject),
    scope: row.scope === null ? null : String(row.scope).split(' ').filter(Boolean),
    audience: JSON.parse(String(row.audience)) as string[],
    audienceAsked: Number(row.audience_asked) === 1,
    tokenFormat: row.token_format as TokenFormat,
    kid: textOrNull(row.kid),
    tokenDigest: String(row.token_digest),
    startedAt,
    endsAt,
    closedAt,
    familyId,
    familyEndsAt: numberOrNull(row.family_ends_at),
    refreshedFrom: textOrNull(row.refreshed_from),
    familyClosedAt,
    refreshDigest: textOrNull(row.refresh_digest),
    refreshEndsAt: numberOrNull(row.refresh_ends_at),
    refreshUsedAt: numberOrNull(row.refresh_used_at),
    standing,
    live: standing && closedAt === null && endsAt > nowMilliseconds,
  };
}

const numberOrNull = (value: unknown): number | null =>
  value === null || value === undefined ? null : Number(value);

const textOrNull = (value: unknown): string | null =>
  value === null || value === undefined ? null : String(value);

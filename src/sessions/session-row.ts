import { UUID } from 'uuidv7';
import type { Values } from '../database/batch-loader.js';
import { numberOrNull } from '../database/columns/column-types.js';
import { rowWriterOf, selectionOf } from '../database/columns/compiled-columns.js';
import { columnsOf, namesOf, propertiesOf } from '../database/columns/declared-columns.js';
import type { InsertTarget, MarkTarget, SqlValue } from '../database/durable-writer.js';
import type { Lookup } from '../database/row-reader.js';
import { SessionRow } from './session.entity.js';
import {
  LISTS,
  type NewSession,
  SET_LATER,
  type Session,
  type SessionTerms,
  type StoredTerms,
  TERMS,
  type TermsLists,
  type TermsText,
} from './session.js';
import { NOTE_TABLE } from './session-notes.js';

const INSERTED = propertiesOf(SessionRow, SET_LATER);

/** Most of them are the same for equal requests; the most likely first. */
const ALIKE = [
  ...(['federated', 'refreshedFrom', 'refreshDigest', 'refreshEndsAt', 'familyId'] as const),
  ...(['familyEndsAt', 'type', 'dialect', 'issuer', 'tokenFormat', 'kid', 'audienceAsked'] as const),
  ...(['audience', 'userAgent', 'scope', 'address', 'subject', 'clientId', 'generation'] as const),
];

export const SESSION_TABLE: InsertTarget = {
  table: 'session',
  columns: namesOf(columnsOf(SessionRow, INSERTED)),
  alike: namesOf(columnsOf(SessionRow, ALIKE)),
};

/** `family_closed_at` is read from the first session of the family. */
const RECORDED = selectionOf(SessionRow, 's', propertiesOf(SessionRow, [...LISTS, 'familyClosedAt']));

/** The lists as stored. */
export const TEXT = selectionOf(SessionRow, 's', LISTS);

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
  SELECT ${RECORDED.sql}, ${TEXT.sql}, f.family_closed_at, ${OWNERS_VALID}, ${USED_BEFORE}, c.expires_at
  FROM ${SESSION_WITH_OWNERS}`;

export const textOf = ({ scope, audience }: TermsLists): TermsText => ({
  scope: scope === null ? null : scope.join(' '),
  audience: JSON.stringify(audience),
});

export const storedTerms = (terms: SessionTerms): StoredTerms => ({ ...terms, ...textOf(terms) });

export const scopeOf = ({ scope }: TermsText): string[] | null =>
  scope === null ? null : scope.split(' ').filter(Boolean);

export const audienceOf = ({ audience }: TermsText): string[] => JSON.parse(audience) as string[];

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

const writeRow = rowWriterOf(SessionRow, INSERTED, TERMS);

export const rowOf = (session: NewSession): SqlValue[] => writeRow(session, session.terms);

/** Whether this time of expiry, if there is one, is still to come. */
export const isAhead = (expiresAt: unknown, nowMilliseconds: number): boolean =>
  (numberOrNull(expiresAt) ?? Number.POSITIVE_INFINITY) > nowMilliseconds;

export function sessionOf(row: Values, nowMilliseconds: number): Session {
  const recorded = RECORDED.read(row, 0);
  const text = TEXT.read(row, RECORDED.count);
  const [familyClosed, valid, parentUsedAt, clientExpiresAt] = row.slice(RECORDED.count + TEXT.count);
  const { closedAt, endsAt, refreshUsedAt } = recorded;
  const ownersValid = Number(valid) === 1 && isAhead(clientExpiresAt, nowMilliseconds);
  return Object.assign(recorded, {
    scope: scopeOf(text),
    audience: audienceOf(text),
    familyClosedAt: numberOrNull(familyClosed),
    siblingUsed: refreshUsedAt === null && numberOrNull(parentUsedAt) === SUPERSEDED,
    generation: recorded.generation ?? 0,
    ownersValid,
    live: ownersValid && closedAt === null && endsAt > nowMilliseconds,
    text,
  });
}

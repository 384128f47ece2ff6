import { appendStatement, type Statement } from '../database/durable-writer.js';
import { sharedMilliseconds } from '../runtime/clock.js';
import type { NewSession, Session } from './session.js';
import { rowOf, SESSION_TABLE, SUPERSEDED } from './session-row.js';

/** Marks a refresh token as used and opens the next session; nothing if it, or another one of a retry, was used before. */
export const exchangeStatements = (used: Session, next: NewSession): Statement[] => [
  // First, because only the first statement can refuse the write; the second one matches whenever it does.
  ...endRetries(used.refreshedFrom),
  {
    sql: 'UPDATE session SET refresh_used_at = ? WHERE id = ? AND refresh_used_at IS NULL',
    values: [sharedMilliseconds(), used.id],
  },
  ...joinFamily(next),
];

/** Opens another session for a used refresh token; nothing if it is not used, or one that was issued for it is. */
export const retryStatements = (used: Session, next: NewSession): Statement[] => [
  {
    sql: 'UPDATE session SET refresh_used_at = refresh_used_at WHERE id = ? AND refresh_used_at > ?',
    values: [used.id, SUPERSEDED],
  },
  ...joinFamily(next),
];

/** The family lasts as long as its longest session, so that its first row is not removed earlier. */
const joinFamily = (next: NewSession): Statement[] => [
  appendStatement(SESSION_TABLE, [rowOf(next)]),
  {
    sql: 'UPDATE session SET family_ends_at = ? WHERE id = ? AND family_ends_at < ?',
    values: [familyEnd(next), next.familyId, familyEnd(next)],
  },
];

const endRetries = (sessionId: string | null): Statement[] =>
  sessionId === null
    ? []
    : [
        {
          sql: 'UPDATE session SET refresh_used_at = ? WHERE id = ? AND refresh_used_at > ?',
          values: [SUPERSEDED, sessionId, SUPERSEDED],
        },
      ];

const familyEnd = (session: NewSession): number => Math.max(session.endsAt, session.refreshEndsAt ?? 0);

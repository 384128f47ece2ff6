import type { Values } from '../database/batch-loader.js';
import { selectionOf } from '../database/columns/compiled-columns.js';
import type { Lookup } from '../database/row-reader.js';
import { SessionRow } from './session.entity.js';
import { PRESENTED, type PresentedSession } from './session.js';
import { audienceOf, isAhead, OWNERS_VALID, SESSION_WITH_OWNERS, scopeOf, TEXT } from './session-row.js';

const COLUMNS = selectionOf(SessionRow, 's', PRESENTED);
const NEXT = COLUMNS.count + TEXT.count;

/** Only the columns that introspection needs; the order is that of `presentedSessionOf`. */
const SELECT_PRESENTED = `
  SELECT ${COLUMNS.sql}, ${TEXT.sql}, s.closed_at IS NULL AND ${OWNERS_VALID}, c.expires_at
  FROM ${SESSION_WITH_OWNERS}`;

/** The session of an access token by its id. */
export const PRESENTED_LOOKUP: Lookup = { select: SELECT_PRESENTED, by: 's.id' };

export function presentedSessionOf(row: Values, nowMilliseconds: number): PresentedSession {
  const presented = COLUMNS.read(row, 0);
  const text = TEXT.read(row, COLUMNS.count);
  const [isOpen, clientExpiresAt] = [row[NEXT], row[NEXT + 1]];
  const isCurrent = presented.endsAt > nowMilliseconds && isAhead(clientExpiresAt, nowMilliseconds);
  return Object.assign(presented, {
    scope: scopeOf(text),
    audience: audienceOf(text),
    live: Number(isOpen) === 1 && isCurrent,
    text,
  });
}

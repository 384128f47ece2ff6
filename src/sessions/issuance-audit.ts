import type { AuditEntry } from '../audit/audit-event.js';
import type { Row } from '../database/row-reader.js';

const MOST_SESSIONS_IN_AN_EVENT = 200;
const LONGEST_SCOPE = 4096;

/** What is told of an issued token; a scope is read no further than it is told. */
export const ISSUED_COLUMNS = `s.id, s.client_id, s.type, s.door, s.token_format, s.audience, s.started_at, s.ends_at,
  SUBSTR(s.scope, 1, ${LONGEST_SCOPE}) AS scope, LENGTH(s.scope) AS scope_length`;

/** One event for each client of a batch; sessions of the same terms share them. */
export function issuanceEntries(rows: readonly Row[], late: boolean): AuditEntry[] {
  const ofClients = grouped(rows, ({ client_id }) => String(client_id));
  return [...ofClients].flatMap(([clientId, sessions]) => slices(sessions, clientId, late));
}

function slices(sessions: readonly Row[], clientId: string, late: boolean): AuditEntry[] {
  const entries: AuditEntry[] = [];
  for (let start = 0; start < sessions.length; start += MOST_SESSIONS_IN_AN_EVENT) {
    const slice = sessions.slice(start, start + MOST_SESSIONS_IN_AN_EVENT);
    entries.push({
      action: 'token.issue',
      outcome: 'success',
      date: Math.max(...slice.map(({ started_at }) => Number(started_at))),
      clientId,
      agent: { clientId },
      ...(slice.length === 1 ? { target: { resourceType: 'Session', id: String(slice[0]?.id) } } : {}),
      detail: { count: slice.length, ...(late ? { late } : {}), grants: grantsOf(slice) },
    });
  }
  return entries;
}

/** Machines ask for the same again and again: what they get is told once, with the sessions that have it. */
function grantsOf(sessions: readonly Row[]): object[] {
  const byTerms = grouped(sessions, termsKey);
  return [...byTerms.values()].map((rows) => ({
    ...termsOf(rows[0] as Row),
    sessions: rows.map(({ id, started_at, ends_at }) => ({
      id: String(id),
      start: new Date(Number(started_at)).toISOString(),
      end: new Date(Number(ends_at)).toISOString(),
    })),
  }));
}

/** A line feed is in none of the parts, a tabulator in no scope. */
const termsKey = ({ type, door, token_format, scope, scope_length, audience }: Row): string =>
  `${type}\n${door}\n${token_format}\n${audience}\n${scope_length}\n${scope ?? '\t'}`;

const termsOf = ({ type, door, token_format, scope, scope_length, audience }: Row) => ({
  type: String(type),
  door: String(door),
  token_format: String(token_format),
  ...(scope === null ? {} : { scope: String(scope) }),
  ...(Number(scope_length) > LONGEST_SCOPE ? { scope_length: Number(scope_length) } : {}),
  audience: JSON.parse(String(audience)) as unknown,
});

function grouped(rows: readonly Row[], keyOf: (row: Row) => string): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = keyOf(row);
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  return groups;
}

import type { AuditEntry } from '../audit/audit-event.js';
import type { Row } from '../database/row-reader.js';
import { addToGroup } from '../protocol/groups.js';

const MAX_SESSIONS_PER_EVENT = 200;
const MAX_SCOPE = 4096;

/** What is told of an issued token; a scope is read no further than it is told. */
export const ISSUED_COLUMNS = `s.id, s.client_id, s.type, s.door, s.token_format, s.audience, s.started_at, s.ends_at,
  SUBSTR(s.scope, 1, ${MAX_SCOPE}) AS scope, LENGTH(s.scope) AS scope_length`;

/** What equal requests are granted, as it is told; one object for all of them. */
type Terms = object;

interface Issued {
  id: string;
  startedAt: number;
  endsAt: number;
  terms: Terms;
}

/**
 * Issued tokens by client, on their way into events. Machines ask for the same again and again: of each session only
 * what is its own is kept, because thousands wait here while requests go on.
 */
export class Issuances {
  private readonly ofClients = new Map<string, Issued[]>();
  private readonly terms = new Map<string, Terms>();
  /** Of all sessions. */
  count = 0;
  /** Of their scopes and audiences. */
  characters = 0;
  /** The id of the last session. */
  last: string | undefined;

  get clients(): number {
    return this.ofClients.size;
  }

  add(rows: readonly Row[]): this {
    for (const row of rows) {
      const { id, client_id, started_at, ends_at, scope, audience } = row;
      const issued = {
        id: String(id),
        startedAt: Number(started_at),
        endsAt: Number(ends_at),
        terms: this.termsOf(row),
      };
      addToGroup(this.ofClients, String(client_id), issued);
      this.count++;
      this.characters += String(scope).length + String(audience).length;
      this.last = issued.id;
    }
    return this;
  }

  /** One event for each client, or more where there are very many sessions; those of the same terms share them. */
  entries(late: boolean): AuditEntry[] {
    return [...this.ofClients].flatMap(([clientId, sessions]) => slices(sessions, clientId, late));
  }

  private termsOf(row: Row): Terms {
    const key = termsKey(row);
    let terms = this.terms.get(key);
    if (!terms) {
      terms = grantedTerms(row);
      this.terms.set(key, terms);
    }
    return terms;
  }
}

function slices(sessions: readonly Issued[], clientId: string, late: boolean): AuditEntry[] {
  const entries: AuditEntry[] = [];
  for (let start = 0; start < sessions.length; start += MAX_SESSIONS_PER_EVENT) {
    const slice = sessions.slice(start, start + MAX_SESSIONS_PER_EVENT);
    entries.push({
      action: 'token.issue',
      outcome: 'success',
      date: Math.max(...slice.map(({ startedAt }) => startedAt)),
      clientId,
      agent: { clientId },
      ...(slice.length === 1 ? { target: { resourceType: 'Session', id: String(slice[0]?.id) } } : {}),
      detail: { count: slice.length, ...(late ? { late } : {}), grants: grantsOf(slice) },
    });
  }
  return entries;
}

function grantsOf(sessions: readonly Issued[]): object[] {
  const byTerms = new Map<Terms, Issued[]>();
  for (const session of sessions) addToGroup(byTerms, session.terms, session);
  return [...byTerms].map(([terms, some]) => ({
    ...terms,
    sessions: some.map(({ id, startedAt, endsAt }) => ({
      id,
      start: new Date(startedAt).toISOString(),
      end: new Date(endsAt).toISOString(),
    })),
  }));
}

/** A line feed is in none of the parts, a tabulator in no scope. */
const termsKey = ({ type, door, token_format, scope, scope_length, audience }: Row): string =>
  `${type}\n${door}\n${token_format}\n${audience}\n${scope_length}\n${scope ?? '\t'}`;

const grantedTerms = ({ type, door, token_format, scope, scope_length, audience }: Row): Terms => ({
  type: String(type),
  door: String(door),
  token_format: String(token_format),
  ...(scope === null ? {} : { scope: String(scope) }),
  ...(Number(scope_length) > MAX_SCOPE ? { scope_length: Number(scope_length) } : {}),
  audience: JSON.parse(String(audience)) as unknown,
});

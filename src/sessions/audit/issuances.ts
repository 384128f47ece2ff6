import type { AuditEntry } from '../../audit/audit-event.js';
import { textOrNull } from '../../database/columns/column-types.js';
import type { Row } from '../../database/row-reader.js';
import { addToGroup } from '../../protocol/groups.js';
import { type DayCount, dayOf } from '../token-counts.js';

const MAX_SESSIONS_PER_EVENT = 200;
const MAX_SCOPE_CHARACTERS = 4096;

/** The columns that an event reports of an issued token; no more of a scope is read than is reported. */
export const ISSUED_COLUMNS = `s.id, s.client_id, s.type, s.door, s.token_format, s.audience, s.started_at, s.ends_at, s.federated,
  s.address, s.user_agent,
  SUBSTR(s.scope, 1, ${MAX_SCOPE_CHARACTERS}) AS scope, LENGTH(s.scope) AS scope_length`;

/** The columns of any length. */
const COUNTED = ['scope', 'audience', 'federated', 'user_agent'] as const;

/** The reported grant of equal requests from one place; one object for all of them. */
interface Terms extends Readonly<Record<string, unknown>> {
  address?: string;
}

interface Issued {
  id: string;
  startedAt: number;
  endsAt: number;
  terms: Terms;
  /** As JSON. */
  federated: string | null;
}

/**
 * Issued tokens by client, before they become events. Machines repeat the same requests, so equal terms are kept once:
 * thousands of sessions are held here while requests are served.
 */
export class Issuances {
  private readonly byClient = new Map<string, Issued[]>();
  private readonly terms = new Map<string, Terms>();
  /** The number of all sessions. */
  count = 0;
  /** The length of their scopes and audiences. */
  characters = 0;
  /** The id of the last session. */
  last: string | undefined;

  get clients(): number {
    return this.byClient.size;
  }

  add(rows: readonly Row[]): this {
    for (const row of rows) {
      const { id, client_id, started_at, ends_at } = row;
      const issued = {
        id: String(id),
        startedAt: Number(started_at),
        endsAt: Number(ends_at),
        terms: this.termsOf(row),
        federated: textOrNull(row.federated),
      };
      addToGroup(this.byClient, String(client_id), issued);
      this.count++;
      for (const name of COUNTED) this.characters += textOrNull(row[name])?.length ?? 0;
      this.last = issued.id;
    }
    return this;
  }

  /** One event for each client, or several for very many sessions; within an event, sessions are grouped by terms. */
  entries(late: boolean): AuditEntry[] {
    return [...this.byClient].flatMap(([clientId, sessions]) => slices(sessions, clientId, late));
  }

  counts(): DayCount[] {
    return [...this.byClient].flatMap(([clientId, sessions]) => {
      const perDay = new Map<number, number>();
      for (const { startedAt } of sessions) {
        const day = dayOf(startedAt);
        perDay.set(day, (perDay.get(day) ?? 0) + 1);
      }
      return [...perDay].map(([day, tokens]) => ({ clientId, day, tokens }));
    });
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
      agent: { clientId, ...commonAddress(slice) },
      ...(slice.length === 1 ? { target: { resourceType: 'Session', id: String(slice[0]?.id) } } : {}),
      detail: { count: slice.length, ...(late ? { late } : {}), grants: grantsOf(slice) },
    });
  }
  return entries;
}

/** If all of the requests came from there. */
function commonAddress([first, ...others]: readonly Issued[]): { address?: string } {
  const address = first?.terms.address;
  return address !== undefined && others.every(({ terms }) => terms.address === address) ? { address } : {};
}

function grantsOf(sessions: readonly Issued[]): object[] {
  const byTerms = new Map<Terms, Issued[]>();
  for (const session of sessions) addToGroup(byTerms, session.terms, session);
  return [...byTerms].map(([terms, some]) => ({
    ...terms,
    sessions: some.map(({ id, startedAt, endsAt, federated }) => ({
      id,
      start: new Date(startedAt).toISOString(),
      end: new Date(endsAt).toISOString(),
      ...(federated === null ? {} : { federated: JSON.parse(federated) as unknown }),
    })),
  }));
}

/** No part contains a line feed, and no scope a tab. */
const termsKey = ({
  type,
  door,
  token_format,
  scope,
  scope_length,
  audience,
  address,
  user_agent,
}: Row): string =>
  `${type}\n${door}\n${token_format}\n${audience}\n${scope_length}\n${scope ?? '\t'}\n${address ?? '\t'}\n${user_agent ?? '\t'}`;

const grantedTerms = ({
  type,
  door,
  token_format,
  scope,
  scope_length,
  audience,
  address,
  user_agent,
}: Row): Terms => ({
  type: String(type),
  door: String(door),
  token_format: String(token_format),
  ...(scope === null ? {} : { scope: String(scope) }),
  ...(Number(scope_length) > MAX_SCOPE_CHARACTERS ? { scope_length: Number(scope_length) } : {}),
  audience: JSON.parse(String(audience)) as unknown,
  ...(address === null ? {} : { address: String(address) }),
  ...(user_agent === null ? {} : { user_agent: String(user_agent) }),
});

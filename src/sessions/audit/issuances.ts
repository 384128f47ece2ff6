import type { AuditEntry } from '../../audit/audit-event.js';
import { textOrNull } from '../../database/columns/column-types.js';
import type { Values } from '../../database/row-reader.js';
import { addToGroup } from '../../protocol/groups.js';
import { type DayCount, dayOf } from '../token-counts.js';

const MAX_SESSIONS_PER_EVENT = 200;
const MAX_SCOPE_CHARACTERS = 4096;

/** No part of the terms contains a line feed, and no scope, address or user agent is a tab. */
const SEPARATOR = '\n';
const ABSENT = '\t';

const TERMS = [
  ...['s.type', 's.door', 's.token_format', 's.audience', 'COALESCE(LENGTH(s.scope), 0)'],
  ...[`SUBSTR(s.scope, 1, ${MAX_SCOPE_CHARACTERS})`, 's.address', 's.user_agent'].map(orAbsent),
];

/**
 * The columns that an event reports of an issued token; no more of a scope is read than is reported. The terms are one
 * text: reading it costs as much as reading one of them.
 */
export const ISSUED_COLUMNS = `s.id, s.client_id, s.started_at, s.ends_at, s.federated,
  CONCAT(${TERMS.join(`, '${SEPARATOR}', `)})`;

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
  /** The length of their terms and identities. */
  characters = 0;
  /** The id of the last session. */
  last: string | undefined;

  get clients(): number {
    return this.byClient.size;
  }

  /** The columns of each row are `ISSUED_COLUMNS`. */
  add(rows: readonly Values[]): this {
    for (const [id, clientId, startedAt, endsAt, identity, text] of rows) {
      const federated = textOrNull(identity);
      const terms = String(text);
      const issued = {
        id: String(id),
        startedAt: Number(startedAt),
        endsAt: Number(endsAt),
        terms: this.termsOf(terms),
        federated,
      };
      addToGroup(this.byClient, String(clientId), issued);
      this.count++;
      this.characters += terms.length + (federated?.length ?? 0);
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

  private termsOf(text: string): Terms {
    let terms = this.terms.get(text);
    if (!terms) {
      terms = grantedTerms(text);
      this.terms.set(text, terms);
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

function grantedTerms(text: string): Terms {
  const [type, door, token_format, audience = '[]', length, scope, address, user_agent] =
    text.split(SEPARATOR);
  return {
    type,
    door,
    token_format,
    ...(scope === ABSENT ? {} : { scope }),
    ...(Number(length) > MAX_SCOPE_CHARACTERS ? { scope_length: Number(length) } : {}),
    audience: JSON.parse(audience) as unknown,
    ...(address === undefined || address === ABSENT ? {} : { address }),
    ...(user_agent === ABSENT ? {} : { user_agent }),
  };
}

function orAbsent(column: string): string {
  return `COALESCE(${column}, '${ABSENT}')`;
}

import { Injectable } from '@nestjs/common';
import type { Agent, AuditEntry } from '../audit/audit-event.js';
import { AuditTrail } from '../audit/audit-trail.js';
import { ClientsRepository } from '../clients/clients.repository.js';
import { idMilliseconds } from '../crypto/time-ordered-id.js';
import { numberOrNull } from '../database/column-types.js';
import { ConfigurationRevision } from '../database/configuration-revision.js';
import {
  appendStatement,
  DurableWriter,
  type MarkTarget,
  markSql,
  type Statement,
} from '../database/durable-writer.js';
import { RowReader } from '../database/row-reader.js';
import { nowMilliseconds, sharedMilliseconds } from '../runtime/clock.js';
import { PRESENTED_LOOKUP, presentedSessionOf } from './presented-session.js';
import type { NewSession, PresentedSession, Session, TermsText } from './session.js';
import { LATE_MILLISECONDS } from './session-audit.js';
import { type Closing, closingNote, lateNote, NOTE_TABLE, type NotedSession } from './session-notes.js';
import {
  CLOSED,
  CLOSED_BY_CLIENT,
  FAMILY_CLOSED,
  rowOf,
  SESSION_LOOKUP,
  SESSION_TABLE,
  SUPERSEDED,
  sessionOf,
  timeOfId,
} from './session-row.js';

/**
 * Owns the record of each issued token: opens, finds and closes sessions. Whatever it answers is durable, and whether
 * a session is live is read from the database each time.
 */
@Injectable()
export class SessionsService {
  constructor(
    private readonly writer: DurableWriter,
    private readonly reader: RowReader,
    private readonly clients: ClientsRepository,
    private readonly revision: ConfigurationRevision,
    private readonly trail: AuditTrail,
  ) {}

  async open(session: NewSession, text: TermsText): Promise<void> {
    await this.writer.write({ into: SESSION_TABLE, row: rowOf(session, text) });
    if (isLate(session)) await this.noteLate(session);
  }

  /** Opens a session if `condition` changes a row, both or neither. Answers whether it did. */
  async openIf(condition: Statement, session: NewSession, text: TermsText): Promise<boolean> {
    const row = rowOf(session, text);
    const opened = await this.writer.write({
      statements: [condition, appendStatement(SESSION_TABLE, [row])],
      turn: session.clientId,
    });
    if (opened && isLate(session)) await this.noteLate(session);
    return opened;
  }

  /**
   * Uses up the refresh token of one session and opens the next of its family, both or neither. Of several that the
   * grace of the one before has given out, the first that is used ends the others, and no further one is given out.
   * Answers false when this one, or another of them, was used before.
   */
  async exchange(used: Session, next: NewSession, text: TermsText): Promise<boolean> {
    const exchanged = await this.writer.write({
      statements: [
        // First, because only a statement that comes first can refuse; the one behind it fits when it does.
        ...endRetries(used.refreshedFrom),
        {
          sql: 'UPDATE session SET refresh_used_at = ? WHERE id = ? AND refresh_used_at IS NULL',
          values: [sharedMilliseconds(), used.id],
        },
        ...joinFamily(next, text),
      ],
      turn: used.id,
    });
    if (exchanged && isLate(next)) await this.noteLate(next);
    return exchanged;
  }

  /**
   * Opens another session of a family without using anything up: a retry that the client's grace permits. Answers false
   * when the refresh token is not used, or one that it gave out is.
   */
  async openBeside(used: Session, next: NewSession, text: TermsText): Promise<boolean> {
    const opened = await this.writer.write({
      statements: [
        {
          sql: 'UPDATE session SET refresh_used_at = refresh_used_at WHERE id = ? AND refresh_used_at > ?',
          values: [used.id, SUPERSEDED],
        },
        ...joinFamily(next, text),
      ],
    });
    if (opened && isLate(next)) await this.noteLate(next);
    return opened;
  }

  async find(id: string): Promise<Session | undefined> {
    const row = await this.reader.find(SESSION_LOOKUP, id);
    return row && sessionOf(row, nowMilliseconds());
  }

  async findPresented(id: string): Promise<PresentedSession | undefined> {
    const row = await this.reader.find(PRESENTED_LOOKUP, id);
    return row && presentedSessionOf(row, nowMilliseconds());
  }

  /** The first session of a family, which holds the original grant. */
  async firstOf(session: Session): Promise<Session> {
    const { id, familyId } = session;
    return familyId === null || familyId === id ? session : ((await this.find(familyId)) ?? session);
  }

  async findMany(ids: readonly string[]): Promise<Session[]> {
    const found = await Promise.all(ids.map((id) => this.find(id)));
    return found.filter((session) => session !== undefined);
  }

  /** Closes a session and its family; again is the same. */
  async close(id: string, closing: Closing): Promise<void> {
    const session = await this.find(id);
    if (!session) return;
    const { familyId, familyClosedAt } = session;
    if (familyId === null || familyClosedAt !== null) return this.closeAlone(session, closing);
    if (session.closedAt !== null) return this.closeFamily(session, closing);
    const at = nowMilliseconds();
    // Both or neither, the family first: what somebody else closes meanwhile by itself leaves the family open.
    await this.writer.write({
      statements: [
        { sql: markSql(FAMILY_CLOSED), values: [at, familyId] },
        { sql: markSql(CLOSED), values: [at, id] },
        appendStatement(NOTE_TABLE, [closingNote(session, at, closing)]),
      ],
    });
  }

  /** Closes an open session of this client, whose token has this digest, without a look before. Answers whether it did. */
  closeProved(session: NotedSession, digest: string, closing: Closing): Promise<boolean> {
    return this.mark(CLOSED_BY_CLIENT, [session.id, session.clientId, digest], session, closing);
  }

  /** Closes one session and leaves its family open. */
  async closeAlone(session: Session, closing: Closing): Promise<void> {
    if (session.closedAt === null) await this.mark(CLOSED, [session.id], session, closing);
  }

  /** Closes the family that this session is of. */
  async closeFamily(session: Session, closing: Closing): Promise<void> {
    if (session.familyClosedAt !== null) return;
    const first = { id: session.familyId ?? session.id, clientId: session.clientId };
    await this.mark(FAMILY_CLOSED, [first.id], first, closing);
  }

  private mark(
    mark: MarkTarget,
    keys: readonly string[],
    session: NotedSession,
    closing: Closing,
  ): Promise<boolean> {
    const at = nowMilliseconds();
    return this.writer.write({ mark, value: at, keys, note: closingNote(session, at, closing) });
  }

  /**
   * Closes every session of a client, however many there are. When it resolves, every process has seen it: what it
   * issues from then on is live. `assertPermitted` is asked inside the write.
   */
  async closeAllOf(clientId: string, agent: Agent, assertPermitted?: () => Promise<void>): Promise<void> {
    await this.revision.change(['clients'], async () => {
      await assertPermitted?.();
      await this.closeAllWithin(clientId, agent);
    });
    await this.revision.seenEverywhere();
  }

  /** The same inside a change of the client. */
  async closeAllWithin(clientId: string, agent: Agent): Promise<void> {
    await this.clients.beginGeneration(clientId);
    await this.trail.record(allClosed(clientId, agent, 'closed'));
  }

  /**
   * When the last JWT of a client that is gone ends, closed or not: a verifier takes it until then. Its opaque tokens
   * are dead with it, also when another client takes its id: that one has another generation.
   */
  async tokensEndAt(clientId: string): Promise<number | undefined> {
    const [row] = await this.reader.read(
      "SELECT MAX(ends_at) AS latest FROM session WHERE client_id = ? AND ends_at > ? AND token_format = 'jwt'",
      [clientId, nowMilliseconds()],
    );
    return numberOrNull(row?.latest) ?? undefined;
  }

  /** Those of these clients whose newest sessions hold one for this audience. */
  async recentlyFor(audience: string, clientIds: readonly string[]): Promise<string[]> {
    const found: string[] = [];
    for (const clientId of clientIds) {
      const rows = await this.reader.read(RECENT_AUDIENCES, [clientId]);
      if (rows.some((row) => namesAudience(row.audience, audience))) found.push(clientId);
    }
    return found;
  }

  /** The clients with a session for this audience among the newest of all clients. */
  async recentClientsFor(audience: string): Promise<string[]> {
    const rows = await this.reader.read(RECENT_AUDIENCES_OF_ALL, []);
    const named = rows.filter((row) => namesAudience(row.audience, audience));
    return [...new Set(named.map((row) => String(row.client_id)))];
  }

  private async noteLate(session: NewSession): Promise<void> {
    await this.writer.write({ into: NOTE_TABLE, row: lateNote(session, nowMilliseconds()) });
  }
}

/** What an index serves within a millisecond, however many sessions there are. */
const MAX_RECENT_SESSIONS = 1000;
const RECENT_AUDIENCES = `SELECT DISTINCT recent.audience FROM (
  SELECT audience FROM session WHERE client_id = ? ORDER BY id DESC LIMIT ${MAX_RECENT_SESSIONS}) recent`;

const MAX_RECENT_SESSIONS_OF_ALL = 10_000;
const RECENT_AUDIENCES_OF_ALL = `SELECT DISTINCT recent.client_id, recent.audience FROM (
  SELECT client_id, audience FROM session ORDER BY id DESC LIMIT ${MAX_RECENT_SESSIONS_OF_ALL}) recent`;

const namesAudience = (stored: unknown, audience: string): boolean =>
  (JSON.parse(String(stored)) as string[]).includes(audience);

/** The scan of the audit may have passed a session before it was durable: it is noted before its token leaves. */
const isLate = ({ id }: NewSession): boolean => idMilliseconds() - timeOfId(id) > LATE_MILLISECONDS;

/** All sessions of a client were closed together: one event, however many there were. */
export const allClosed = (clientId: string, agent: Agent, reason: string): AuditEntry => ({
  action: 'session.close',
  outcome: 'success',
  clientId,
  agent,
  target: { resourceType: 'Client', id: clientId },
  detail: { reason, sessions: 'all' },
});

/** The family lasts as long as the longest of its sessions, so that its first row is not removed before. */
const joinFamily = (next: NewSession, text: TermsText): Statement[] => [
  appendStatement(SESSION_TABLE, [rowOf(next, text)]),
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

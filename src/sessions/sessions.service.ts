import { Injectable } from '@nestjs/common';
import type { Agent, AuditEntry } from '../audit/audit-event.js';
import { AuditTrail } from '../audit/audit-trail.js';
import { ClientsRepository } from '../clients/clients.repository.js';
import { idMilliseconds } from '../crypto/time-ordered-id.js';
import { numberOrNull } from '../database/columns/column-types.js';
import {
  appendStatement,
  DurableWriter,
  type MarkTarget,
  markSql,
  places,
  type Statement,
} from '../database/durable-writer.js';
import { ConfigurationRevision } from '../database/revisions/configuration-revision.js';
import { RowReader } from '../database/row-reader.js';
import { nowMilliseconds } from '../runtime/clock.js';
import { LATE_MILLISECONDS } from './audit/session-audit.js';
import { exchangeStatements, retryStatements } from './family-statements.js';
import { PRESENTED_LOOKUP, presentedSessionOf } from './presented-session.js';
import type { NewSession, PresentedSession, Session } from './session.js';
import { type Closing, closingNote, lateNote, NOTE_TABLE, type NotedSession } from './session-notes.js';
import {
  CLOSED,
  CLOSED_BY_CLIENT,
  FAMILY_CLOSED,
  rowOf,
  SESSION_LOOKUP,
  SESSION_TABLE,
  sessionOf,
  timeOfId,
} from './session-row.js';

const MAX_CLOSED_AT_ONCE = 200;

/**
 * Opens, finds and closes sessions, the records of issued tokens. Every result is durable, and whether a session is live
 * is read from the database each time.
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

  async open(session: NewSession): Promise<void> {
    await this.writer.write({ into: SESSION_TABLE, row: rowOf(session) });
    if (isLate(session)) await this.noteLate(session);
  }

  /** Opens a session if `condition` changes a row, in one transaction. Returns whether it did. */
  async openIf(condition: Statement, session: NewSession, turn: string): Promise<boolean> {
    const opened = await this.writer.write({
      statements: [condition, appendStatement(SESSION_TABLE, [rowOf(session)])],
      turn,
    });
    if (opened && isLate(session)) await this.noteLate(session);
    return opened;
  }

  /**
   * Marks the refresh token of one session as used and opens the next session of the family, in one transaction. If
   * retries within the grace period have produced several refresh tokens, the first one that is used invalidates the
   * others and ends the retries. Returns false if this one, or another of them, was used before.
   */
  async exchange(used: Session, next: NewSession): Promise<boolean> {
    const exchanged = await this.writer.write({
      statements: exchangeStatements(used, next),
      turn: used.id,
    });
    if (exchanged && isLate(next)) await this.noteLate(next);
    return exchanged;
  }

  /**
   * Opens another session of a family for a used refresh token: a retry within the client's grace period. Returns false
   * if the refresh token is not used, or one that was issued for it is.
   */
  async openBeside(used: Session, next: NewSession): Promise<boolean> {
    const opened = await this.writer.write({ statements: retryStatements(used, next) });
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

  /** The ids of open sessions of a workload within these clients, the oldest first. */
  async openOfWorkload(clientIds: readonly string[], workload: string): Promise<string[]> {
    if (clientIds.length === 0) return [];
    const rows = await this.reader.read(
      `SELECT id FROM session WHERE client_id IN (${places(clientIds)}) AND subject = ? AND closed_at IS NULL
       AND ends_at > ? ORDER BY id LIMIT ${MAX_CLOSED_AT_ONCE}`,
      [...clientIds, workload, nowMilliseconds()],
    );
    return rows.map(({ id }) => String(id));
  }

  /** The first session of a family, which has the original grant. */
  async firstOf(session: Session): Promise<Session> {
    const { id, familyId } = session;
    return familyId === null || familyId === id ? session : ((await this.find(familyId)) ?? session);
  }

  async findMany(ids: readonly string[]): Promise<Session[]> {
    const found = await Promise.all(ids.map((id) => this.find(id)));
    return found.filter((session) => session !== undefined);
  }

  /** Closes a session and its family; idempotent. */
  async close(id: string, closing: Closing): Promise<void> {
    const session = await this.find(id);
    if (!session) return;
    const { familyId, familyClosedAt } = session;
    if (familyId === null || familyClosedAt !== null) return this.closeAlone(session, closing);
    if (session.closedAt !== null) return this.closeFamily(session, closing);
    const at = nowMilliseconds();
    // One transaction, the family first: a concurrent close of the session alone leaves the family open.
    await this.writer.write({
      statements: [
        { sql: markSql(FAMILY_CLOSED), values: [at, familyId] },
        { sql: markSql(CLOSED), values: [at, id] },
        appendStatement(NOTE_TABLE, [closingNote(session, at, closing)]),
      ],
    });
  }

  /** Closes an open session of this client whose token has this digest, without reading it. Returns whether it did. */
  closeByDigest(session: NotedSession, digest: string, closing: Closing): Promise<boolean> {
    return this.mark(CLOSED_BY_CLIENT, [session.id, session.clientId, digest], session, closing);
  }

  /** Closes one session but not its family. */
  async closeAlone(session: Session, closing: Closing): Promise<void> {
    if (session.closedAt === null) await this.mark(CLOSED, [session.id], session, closing);
  }

  /** Closes the family of this session. */
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
   * Closes every session of a client, however many there are. When it resolves, every process has seen the change, so
   * sessions that are opened from then on are live. `assertPermitted` is called inside the transaction.
   */
  async closeAllOf(clientId: string, agent: Agent, assertPermitted?: () => Promise<void>): Promise<void> {
    await this.revision.change(['clients'], async () => {
      await assertPermitted?.();
      await this.closeAllWithin(clientId, agent);
    });
    await this.revision.seenEverywhere();
  }

  /** The same within a running change of the client. */
  async closeAllWithin(clientId: string, agent: Agent): Promise<void> {
    await this.clients.beginGeneration(clientId);
    await this.trail.record(allClosed(clientId, agent, 'closed'));
  }

  /**
   * When the last JWT of a deleted client expires, closed or not: until then, offline verifiers accept it. Its opaque
   * tokens are invalid at once, even if a new client gets its id, because that has another generation.
   */
  async tokensEndAt(clientId: string): Promise<number | undefined> {
    const [row] = await this.reader.read(
      "SELECT MAX(ends_at) AS latest FROM session WHERE client_id = ? AND ends_at > ? AND token_format = 'jwt'",
      [clientId, nowMilliseconds()],
    );
    return numberOrNull(row?.latest) ?? undefined;
  }

  private async noteLate({ id, terms: { clientId } }: NewSession): Promise<void> {
    await this.writer.write({ into: NOTE_TABLE, row: lateNote({ id, clientId }, nowMilliseconds()) });
  }
}

/** The scan of the audit may have passed its id before the commit, so a note is written before its token is returned. */
const isLate = ({ id }: NewSession): boolean => idMilliseconds() - timeOfId(id) > LATE_MILLISECONDS;

/** All sessions of a client were closed: one event, however many there were. */
export const allClosed = (clientId: string, agent: Agent, reason: string): AuditEntry => ({
  action: 'session.close',
  outcome: 'success',
  clientId,
  agent,
  target: { resourceType: 'Client', id: clientId },
  detail: { reason, sessions: 'all' },
});

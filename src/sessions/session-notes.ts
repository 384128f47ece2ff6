import { Injectable } from '@nestjs/common';
import { uuidv7 } from 'uuidv7';
import type { Agent } from '../audit/audit-event.js';
import { type AppendTarget, DurableWriter, type SqlValue } from '../database/durable-writer.js';
import type { Session } from './session.js';

/** Why a session was closed by itself or with its family. */
export type ClosingReason = 'closed' | 'revoked' | 'refresh_token_reuse';

export interface Closing {
  reason: ClosingReason;
  agent: Agent;
}

export const NOTE_TABLE: AppendTarget = {
  table: 'session_note',
  columns: [
    'id',
    'kind',
    'session_id',
    'client_id',
    'noted_at',
    'reason',
    'agent_id',
    'agent_session_id',
    'address',
  ],
};

/** What the audit must learn of a session beside its row; written in batches, like the sessions themselves. */
@Injectable()
export class SessionNotes {
  constructor(private readonly writer: DurableWriter) {}

  /** A closing without its note would never be told, so nothing is answered before both are durable. */
  async closing(session: NotedSession, at: number, { reason, agent }: Closing): Promise<void> {
    await this.writer.write({ into: NOTE_TABLE, row: noteOf('closing', session, at, reason, agent) });
  }

  /** The session became durable so late that the scan may have passed it. */
  async late(session: NotedSession, at: number): Promise<void> {
    await this.writer.write({ into: NOTE_TABLE, row: noteOf('late', session, at, null, {}) });
  }
}

type NotedSession = Pick<Session, 'id' | 'clientId'>;

/** The row of a note. */
export const noteOf = (
  kind: 'closing' | 'late',
  { id, clientId }: NotedSession,
  at: number,
  reason: ClosingReason | null,
  agent: Agent,
): SqlValue[] => [
  uuidv7(),
  kind,
  id,
  clientId,
  at,
  reason,
  agent.clientId ?? null,
  agent.sessionId ?? null,
  agent.address?.slice(0, 64) ?? null,
];

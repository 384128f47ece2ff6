import type { Agent } from '../audit/audit-event.js';
import { timeOrderedId } from '../crypto/time-ordered-id.js';
import type { InsertTarget, SqlValue } from '../database/durable-writer.js';
import type { Session } from './session.js';

/** Why a session or its family was closed. */
export type ClosingReason = 'closed' | 'revoked' | 'refresh_token_reuse';

export interface Closing {
  reason: ClosingReason;
  agent: Agent;
}

/** The outbox from which SessionAudit makes events. */
export const NOTE_TABLE: InsertTarget = {
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
  alike: ['kind', 'reason', 'agent_session_id', 'address', 'agent_id', 'client_id'],
};

/** What a note identifies. */
export type NotedSession = Pick<Session, 'id' | 'clientId'>;

/** The note of a closed session, written in one transaction with the update that closes it. */
export const closingNote = (session: NotedSession, at: number, { reason, agent }: Closing): SqlValue[] => [
  ...commonColumns('closing', session, at),
  reason,
  agent.clientId ?? null,
  agent.sessionId ?? null,
  agent.address?.slice(0, 64) ?? null,
];

/** The note of a session that was committed so late that the scan of the audit may have passed its id. */
export const lateNote = (session: NotedSession, at: number): SqlValue[] => [
  ...commonColumns('late', session, at),
  ...[null, null, null, null],
];

const commonColumns = (kind: 'closing' | 'late', { id, clientId }: NotedSession, at: number): SqlValue[] => [
  timeOrderedId(),
  kind,
  id,
  clientId,
  at,
];

import type { Agent } from '../audit/audit-event.js';
import { timeOrderedId } from '../crypto/time-ordered-id.js';
import type { InsertTarget, SqlValue } from '../database/durable-writer.js';
import type { Session } from './session.js';

/** Why a session was closed by itself or with its family. */
export type ClosingReason = 'closed' | 'revoked' | 'refresh_token_reuse';

export interface Closing {
  reason: ClosingReason;
  agent: Agent;
}

/** Notes wait here until the audit has told them. */
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

/** What a note names. */
export type NotedSession = Pick<Session, 'id' | 'clientId'>;

/** The row of a closed session: it goes with the mark that closes it, or not at all. */
export const closingNote = (session: NotedSession, at: number, { reason, agent }: Closing): SqlValue[] => [
  ...beginning('closing', session, at),
  reason,
  agent.clientId ?? null,
  agent.sessionId ?? null,
  agent.address?.slice(0, 64) ?? null,
];

/** The row of a session that became durable so late that the audit's scan may have passed it. */
export const lateNote = (session: NotedSession, at: number): SqlValue[] => [
  ...beginning('late', session, at),
  ...[null, null, null, null],
];

const beginning = (kind: 'closing' | 'late', { id, clientId }: NotedSession, at: number): SqlValue[] => [
  timeOrderedId(),
  kind,
  id,
  clientId,
  at,
];

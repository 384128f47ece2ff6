import {
  type AppendTarget,
  appendStatement,
  type SqlValue,
  type Statement,
} from '../database/durable-writer.js';
import type { Row } from '../database/row-reader.js';
import type { AuditEvent } from './audit-event.js';
import type { ChainEnd } from './chain.js';

const AUDIT_TABLE: AppendTarget = {
  table: 'audit_event',
  columns: [
    'sequence',
    'id',
    'occurred_at',
    'action',
    'outcome',
    'client_id',
    'agent_id',
    'agent_session_id',
    'address',
    'target_type',
    'target_id',
    'detail',
    'previous_hash',
    'hash',
  ],
};

const MOST_ROWS_IN_A_STATEMENT = 64;

export const SELECT_EVENTS = `SELECT ${AUDIT_TABLE.columns.join(', ')} FROM audit_event`;

export const SELECT_HEAD = 'SELECT sequence, hash, seal FROM audit_head WHERE id = 1';

export const SELECT_ANCHOR = 'SELECT sequence, hash, occurred_at, seal FROM audit_anchor WHERE id = 1';

/** Sizes are powers of two, so that a server prepares only a few statements. */
export function insertEvents(events: readonly AuditEvent[]): Statement[] {
  const statements: Statement[] = [];
  for (let start = 0; start < events.length; ) {
    const left = Math.min(events.length - start, MOST_ROWS_IN_A_STATEMENT);
    const size = 2 ** Math.floor(Math.log2(left));
    statements.push(appendStatement(AUDIT_TABLE, events.slice(start, start + size).map(rowOf)));
    start += size;
  }
  return statements;
}

const rowOf = (event: AuditEvent): SqlValue[] => [
  event.sequence,
  event.id,
  event.date,
  event.action,
  event.outcome,
  event.clientId,
  event.agentId,
  event.agentSessionId,
  event.address,
  event.targetType,
  event.targetId,
  event.detail,
  event.previousHash,
  event.hash,
];

export const eventOf = (row: Row): AuditEvent => ({
  sequence: Number(row.sequence),
  id: String(row.id),
  date: Number(row.occurred_at),
  action: String(row.action),
  outcome: String(row.outcome),
  clientId: textOrNull(row.client_id),
  agentId: textOrNull(row.agent_id),
  agentSessionId: textOrNull(row.agent_session_id),
  address: textOrNull(row.address),
  targetType: textOrNull(row.target_type),
  targetId: textOrNull(row.target_id),
  detail: String(row.detail),
  previousHash: String(row.previous_hash),
  hash: String(row.hash),
});

export function endOf(row: Row | undefined): ChainEnd | undefined {
  if (!row) return undefined;
  return {
    sequence: Number(row.sequence),
    hash: String(row.hash),
    ...(row.occurred_at === undefined ? {} : { date: Number(row.occurred_at) }),
    seal: String(row.seal),
  };
}

const textOrNull = (value: unknown): string | null =>
  value === null || value === undefined ? null : String(value);

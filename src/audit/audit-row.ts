import { textOrNull } from '../database/columns/column-types.js';
import {
  appendStatement,
  type InsertTarget,
  type SqlValue,
  type Statement,
} from '../database/durable-writer.js';
import { inPowersOfTwo } from '../database/powers-of-two.js';
import type { Row } from '../database/row-reader.js';
import { type AuditEvent, hashedParts } from './audit-event.js';
import type { ChainEnd } from './chain/chain.js';

const AUDIT_TABLE: InsertTarget = {
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

const MAX_ROWS_PER_STATEMENT = 64;

const TEXTS = AUDIT_TABLE.columns.filter((column) => !['sequence', 'occurred_at'].includes(column));

/** The byte length of these texts in the database: a driver that ends a text at NUL would hide the rest of it. */
const octetsOf = (texts: readonly string[]): string =>
  texts.map((column) => `COALESCE(OCTET_LENGTH(${column}), 0)`).join(' + ');

export const SELECT_EVENTS = `SELECT ${AUDIT_TABLE.columns.join(', ')}, ${octetsOf(TEXTS)} AS octets FROM audit_event`;

const END = `e.hash, e.seal, ${octetsOf(['e.hash', 'e.seal'])} AS octets`;

const HEAD = `e.sequence, ${END}`;

const ANCHOR = `e.sequence, e.occurred_at, ${END}`;

/** The head, and the first row after it, in one statement: a row there was inserted by another program. */
export const SELECT_HEAD = `SELECT ${HEAD}, b.sequence AS beyond FROM audit_head e
  LEFT JOIN audit_event b ON b.sequence > e.sequence WHERE e.id = 1 ORDER BY b.sequence LIMIT 1`;

export const SELECT_HEAD_AND_LAST = `SELECT ${HEAD}, (SELECT MAX(sequence) FROM audit_event) AS last
  FROM audit_head e WHERE e.id = 1`;

export const SELECT_ANCHOR = `SELECT ${ANCHOR} FROM audit_anchor e WHERE e.id = 1`;

export const SELECT_ANCHOR_AND_FIRST = `SELECT ${ANCHOR}, (SELECT MIN(sequence) FROM audit_event) AS first
  FROM audit_anchor e WHERE e.id = 1`;

export const insertEvents = (events: readonly AuditEvent[]): Statement[] =>
  Array.from(inPowersOfTwo(events, MAX_ROWS_PER_STATEMENT), (some) =>
    appendStatement(AUDIT_TABLE, some.map(rowOf)),
  );

const rowOf = (event: AuditEvent): SqlValue[] => [...hashedParts(event), event.hash];

/** A stored event, and whether every column is exactly as the server writes it. */
export interface StoredEvent extends AuditEvent {
  exact: boolean;
}

export const eventOf = (row: Row): StoredEvent => ({
  sequence: numberOr(0, row.sequence),
  id: String(row.id),
  date: numberOr(0, row.occurred_at),
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
  exact: isCount(row.sequence) && isCount(row.occurred_at) && areTexts(row, TEXTS),
});

/** Undefined if there is no such row, or if it contains anything the server does not write. */
export function endOf(row: Row | undefined): ChainEnd | undefined {
  if (!row || !isCount(row.sequence) || !areTexts(row, ['hash', 'seal'])) return undefined;
  if (row.occurred_at !== undefined && !isCount(row.occurred_at)) return undefined;
  return {
    sequence: row.sequence,
    hash: String(row.hash),
    ...(row.occurred_at === undefined ? {} : { date: row.occurred_at }),
    seal: String(row.seal),
  };
}

/** SQLite stores a value of any type in any column, and compares and sorts it by that type. */
export const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

function areTexts(row: Row, columns: readonly string[]): boolean {
  let octets = 0;
  for (const column of columns) {
    const value = row[column];
    if (typeof value === 'string') octets += Buffer.byteLength(value);
    else if (value !== null) return false;
  }
  return Number(row.octets) === octets;
}

const LAST_MOMENT = 8.64e15;

const numberOr = (otherwise: number, value: unknown): number =>
  Math.abs(Number(value)) <= LAST_MOMENT ? Number(value) : otherwise;

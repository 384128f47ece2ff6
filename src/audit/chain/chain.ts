import { createHmac } from 'node:crypto';
import { maskedAll, maskedInAscii, mayContainCredentials } from '../../../packages/protocol/src/masked.js';
import { sameDigest } from '../../crypto/digest.js';
import { timeOrderedId } from '../../crypto/time-ordered-id.js';
import { sharedMilliseconds } from '../../runtime/clock.js';
import { type AuditEntry, type AuditEvent, hashedParts } from '../audit-event.js';

/** One end of the chain: the last event written, or the last one deleted by age. */
export interface ChainEnd {
  sequence: number;
  hash: string;
  /** When the anchor's event happened; absent at the head. */
  date?: number;
  /** A MAC over the other members, so that an older event cannot pass as this end. */
  seal: string;
}

export type Place = Omit<ChainEnd, 'seal'>;

/** The place before the first event. */
export const BEGINNING: Place = { sequence: 0, hash: '' };

/**
 * HMAC-SHA-256 over every column and the previous hash: access to the database alone does not allow computing one.
 */
export const hashOf = (key: Buffer, event: Omit<AuditEvent, 'hash'>): string =>
  mac(key, ['event', ...hashedParts(event)]);

export const sealed = (key: Buffer, kind: 'head' | 'anchor', place: Place): ChainEnd => ({
  ...place,
  seal: mac(key, [kind, place.sequence, place.hash, place.date ?? null]),
});

export const isSealed = (key: Buffer, kind: 'head' | 'anchor', end: ChainEnd): boolean =>
  sameDigest(end.seal, sealed(key, kind, end).seal);

/** The links for these entries after a place, and the resulting head. */
export function extend(
  key: Buffer,
  from: Place,
  entries: readonly AuditEntry[],
): { events: AuditEvent[]; head: ChainEnd } {
  const events: AuditEvent[] = [];
  let last: Place = from;
  for (const entry of entries) {
    const event = link(key, last, entry);
    events.push(event);
    last = { sequence: event.sequence, hash: event.hash };
  }
  return { events, head: sealed(key, 'head', { sequence: last.sequence, hash: last.hash }) };
}

/** Redacted, because callers send credentials in the wrong members. Id columns are ASCII. */
const kept = (text: string | undefined): string | null => (text === undefined ? null : maskedInAscii(text));

function detailOf({ detail = {} }: AuditEntry): string {
  const text = JSON.stringify(detail);
  return mayContainCredentials(text) ? JSON.stringify(maskedAll(detail)) : text;
}

function link(key: Buffer, last: Place, entry: AuditEntry): AuditEvent {
  const event = {
    sequence: last.sequence + 1,
    id: timeOrderedId(),
    date: entry.date ?? sharedMilliseconds(),
    action: entry.action,
    outcome: entry.outcome,
    clientId: kept(entry.clientId),
    agentId: kept(entry.agent?.clientId),
    agentSessionId: kept(entry.agent?.sessionId),
    address: kept(entry.agent?.address?.slice(0, 64)),
    targetType: kept(entry.target?.resourceType),
    targetId: kept(entry.target?.id),
    detail: detailOf(entry),
    previousHash: last.hash,
  };
  return { ...event, hash: hashOf(key, event) };
}

/** A JSON list of strings, numbers and null has one encoding here, so that no two events share a text. */
const mac = (key: Buffer, parts: readonly (string | number | null)[]): string =>
  createHmac('sha256', key).update(JSON.stringify(parts)).digest('base64url');

import { createHmac } from 'node:crypto';
import { sameDigest } from '../crypto/digest.js';
import { timeOrderedId } from '../crypto/time-ordered-id.js';
import { maskedAll, maskedInAscii, mayContainCredentials } from '../protocol/masked.js';
import { sharedMilliseconds } from '../runtime/clock.js';
import { type AuditEntry, type AuditEvent, hashedParts } from './audit-event.js';

/** One end of the chain: the last event that was written, or the last one that was removed by age. */
export interface ChainEnd {
  sequence: number;
  hash: string;
  /** When the event of an anchor happened; absent at the head. */
  date?: number;
  /** Keyed over the rest, so that an older event cannot be passed off as this end. */
  seal: string;
}

export type Place = Omit<ChainEnd, 'seal'>;

/** What comes before the first event. */
export const BEGINNING: Place = { sequence: 0, hash: '' };

/** HMAC-SHA-256 over every column and the hash before: who has only the database can compute none of them. */
export const hashOf = (key: Buffer, event: Omit<AuditEvent, 'hash'>): string =>
  mac(key, ['event', ...hashedParts(event)]);

export const sealed = (key: Buffer, kind: 'head' | 'anchor', place: Place): ChainEnd => ({
  ...place,
  seal: mac(key, [kind, place.sequence, place.hash, place.date ?? null]),
});

export const isSealed = (key: Buffer, kind: 'head' | 'anchor', end: ChainEnd): boolean =>
  sameDigest(end.seal, sealed(key, kind, end).seal);

/** The links that these entries become behind a place, and the head that they leave. */
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

/** Callers put credentials into the wrong places: none of them may stay. The columns of ids hold ASCII alone. */
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

/** JSON of a list of texts, numbers and null is written in one way only, so that no two events share one text. */
const mac = (key: Buffer, parts: readonly (string | number | null)[]): string =>
  createHmac('sha256', key).update(JSON.stringify(parts)).digest('base64url');

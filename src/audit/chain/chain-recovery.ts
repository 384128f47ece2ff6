import { sameDigest } from '../../crypto/digest.js';
import type { Run } from '../../database/engine/run.js';
import type { Row } from '../../database/row-reader.js';
import { TemporarilyUnavailable } from '../../protocol/unavailable.js';
import type { AuditEntry } from '../audit-event.js';
import { endOf, eventOf, SELECT_ANCHOR, SELECT_EVENTS } from '../audit-row.js';
import { BEGINNING, type ChainEnd, hashOf, isSealed, type Place } from './chain.js';

const EVENTS_IN_A_READ = 50;
const MAX_READS = 200;

/** Greater sequences are not events: the server counts from 1. */
const LAST_SEQUENCE = 2 ** 52;

/**
 * The end of a chain modified by another program: the place to continue from, and the event that records the fault.
 */
export interface Recovery {
  from: Place;
  entry: AuditEntry;
}

/** Whether the head is genuine and the places after it are free. */
export function isIntact(key: Buffer, row: Row | undefined, room: number): boolean {
  const head = endOf(row);
  if (!head || !isSealed(key, 'head', head)) return false;
  return typeof row?.beyond !== 'number' || row.beyond > head.sequence + room;
}

/**
 * Continues after the head or, if that is not genuine, after the last genuine event, past the rows another program
 * inserted. Those stay for the check to report.
 */
export async function recoverEnd(
  run: Run,
  key: Buffer,
  row: Row | undefined,
  room: number,
): Promise<Recovery> {
  const head = endOf(row);
  const genuine = head && isSealed(key, 'head', head) ? head : undefined;
  const { sequence, hash } = genuine ?? (await lastGenuinePlace(run, key));
  const free = await freePlace(run, sequence, room);
  const reason = genuine
    ? 'another writer has appended to the end of the chain'
    : 'the end of the chain was changed by another writer';
  return {
    from: { sequence: free, hash },
    entry: { action: 'audit.break', outcome: 'failure', detail: { reason, sequence, hash } },
  };
}

async function lastGenuinePlace(run: Run, key: Buffer): Promise<Place> {
  const anchor = endOf((await run(SELECT_ANCHOR, []))[0]);
  const ground = anchor && isSealed(key, 'anchor', anchor) ? anchor : BEGINNING;
  const event = await lastGenuineEvent(run, key);
  return event && event.sequence > ground.sequence ? event : ground;
}

async function lastGenuineEvent(run: Run, key: Buffer): Promise<Place | undefined> {
  let before = LAST_SEQUENCE;
  for (let reads = 0; reads < MAX_READS; reads++) {
    const rows = await run(
      `${SELECT_EVENTS} WHERE sequence < ? ORDER BY sequence DESC LIMIT ${EVENTS_IN_A_READ}`,
      [before],
    );
    const events = rows.map(eventOf);
    const found = events.find((event) => event.exact && sameDigest(event.hash, hashOf(key, event)));
    if (found) return found;
    const last = events.at(-1);
    if (!last) return undefined;
    before = last.sequence;
  }
  return undefined;
}

/** The first place with enough free places after it. */
async function freePlace(run: Run, after: number, room: number): Promise<number> {
  const places = room + 1;
  const [next] = await run('SELECT MIN(sequence) AS sequence FROM audit_event WHERE sequence > ?', [after]);
  if (typeof next?.sequence !== 'number' || next.sequence > after + places) return after;
  const [row] = await run(
    `SELECT MIN(e.sequence) AS sequence FROM audit_event e WHERE e.sequence > ? AND e.sequence < ? AND NOT EXISTS
       (SELECT 1 FROM audit_event f WHERE f.sequence > e.sequence AND f.sequence <= e.sequence + ?)`,
    [after, LAST_SEQUENCE, places],
  );
  if (typeof row?.sequence !== 'number') throw new TemporarilyUnavailable();
  return Math.ceil(row.sequence);
}

/** Continues after a genuine head, past the places of the events removed after it. */
export async function recoverTruncatedEnd(
  run: Run,
  head: Place,
  lost: Place,
  room: number,
): Promise<Recovery> {
  const free = await freePlace(run, Math.max(head.sequence, lost.sequence), room);
  const reason = 'events were removed from the end of the chain';
  return {
    from: { sequence: free, hash: head.hash },
    entry: {
      action: 'audit.break',
      outcome: 'failure',
      detail: { reason, sequence: lost.sequence, hash: lost.hash },
    },
  };
}

/** The same place under the same seal. */
export const isSameEnd = (one: ChainEnd | undefined, other: ChainEnd): boolean =>
  one?.sequence === other.sequence && one.hash === other.hash && one.seal === other.seal;

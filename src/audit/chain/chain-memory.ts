import type { Run } from '../../database/engine/run.js';
import type { Row } from '../../database/row-reader.js';
import { endOf, SELECT_ANCHOR } from '../audit-row.js';
import { type ChainEnd, isSealed, type Place } from './chain.js';

/** The latest version, not the transaction's snapshot; SQLite reads the end as a comment. */
const SELECT_HASH = 'SELECT hash FROM audit_event WHERE sequence = ? /*! LOCK IN SHARE MODE */';

/**
 * The last place of the chain that this process knows to be committed. A writer to the database can delete events
 * from the end and restore an older head with its valid seal; only the process that wrote them still knows of them.
 */
export class ChainMemory {
  private known: Place | undefined;

  /** Read it before the head it is compared with. */
  get place(): Place | undefined {
    return this.known;
  }

  keep({ sequence, hash }: Place): void {
    if (this.known && sequence < this.known.sequence) return;
    this.known = { sequence, hash };
  }
}

/** Whether this place is no longer part of the chain that ends at the head. */
export async function isTruncated(
  run: Run,
  key: Buffer,
  head: ChainEnd,
  place: Place | undefined,
): Promise<boolean> {
  if (!place || isAt(head, place)) return false;
  if (head.sequence > place.sequence) {
    const [event] = await run(SELECT_HASH, [place.sequence]);
    if (event) return event.hash !== place.hash;
  }
  return !isRemovedByAge((await run(SELECT_ANCHOR, []))[0], key, place);
}

function isRemovedByAge(row: Row | undefined, key: Buffer, { sequence }: Place): boolean {
  const anchor = endOf(row);
  return anchor !== undefined && isSealed(key, 'anchor', anchor) && anchor.sequence >= sequence;
}

const isAt = (head: Place, { sequence, hash }: Place): boolean =>
  head.sequence === sequence && head.hash === hash;

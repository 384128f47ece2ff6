import { sameDigest } from '../../crypto/digest.js';
import type { StoredEvent } from '../audit-row.js';
import { hashOf, type Place } from './chain.js';

/** The chain differs from what the server wrote. */
export class BrokenChain extends Error {
  constructor(
    readonly sequence: number | string,
    what: string,
    /** The faults after this one. */
    readonly further: readonly BrokenChain[] = [],
  ) {
    super(`event ${sequence}: ${what}`);
  }

  with(further: readonly BrokenChain[]): BrokenChain {
    return new BrokenChain(this.sequence, this.message.slice(`event ${this.sequence}: `.length), further);
  }
}

/** Whether the server wrote this event, and wrote it so. */
export const isGenuine = (key: Buffer, event: StoredEvent): boolean =>
  event.exact && sameDigest(event.hash, hashOf(key, event));

/** Why this event cannot follow the one before it; undefined if it can. */
export function faultOf(key: Buffer, before: Place, event: StoredEvent): BrokenChain | undefined {
  const sequence = before.sequence + 1;
  // After rows inserted by another program, the server leaves a gap and records it in an event.
  const continues =
    event.action === 'audit.break' && event.previousHash === before.hash && isGenuine(key, event);
  if (event.sequence !== sequence && !continues) {
    return event.sequence > sequence
      ? new BrokenChain(sequence, 'it was removed')
      : new BrokenChain(event.sequence, 'it was inserted');
  }
  if (!isGenuine(key, event)) return new BrokenChain(sequence, 'it was changed');
  if (event.previousHash !== before.hash) {
    return new BrokenChain(sequence, 'it does not follow the event before it');
  }
  if (event.action === 'audit.break') {
    return new BrokenChain(event.sequence, 'the server detected here that the chain had been changed');
  }
  return undefined;
}

import { sameDigest } from '../crypto/digest.js';
import type { SqlValue } from '../database/durable-writer.js';
import type { Row } from '../database/row-reader.js';
import type { AuditEvent } from './audit-event.js';
import { endOf, eventOf, SELECT_ANCHOR, SELECT_EVENTS, SELECT_HEAD } from './audit-row.js';
import { type ChainEnd, hashOf, isSealed } from './chain.js';

const EVENTS_IN_A_READ = 500;

/** A place of the chain that somebody has kept elsewhere, such as one of the log's lines. */
export interface Witness {
  sequence: number;
  hash: string;
}

/** What a whole chain holds; `from` and `to` are absent when it holds no event. */
export interface Verified {
  count: number;
  from?: number;
  to?: number;
  anchor: ChainEnd;
  head: ChainEnd;
}

/** The chain is not as the server has written it. */
export class BrokenChain extends Error {
  constructor(
    readonly sequence: number,
    what: string,
  ) {
    super(`event ${sequence}: ${what}`);
  }
}

type Read = (sql: string, values: readonly SqlValue[]) => Promise<Row[]>;

/** Why this event cannot be what follows the one before it; nothing when it does. */
export function faultOf(
  key: Buffer,
  before: Pick<ChainEnd, 'sequence' | 'hash'>,
  event: AuditEvent,
): BrokenChain | undefined {
  const sequence = before.sequence + 1;
  if (event.sequence !== sequence) {
    return event.sequence > sequence
      ? new BrokenChain(sequence, 'it was removed')
      : new BrokenChain(event.sequence, 'it was inserted');
  }
  if (!sameDigest(event.hash, hashOf(key, event))) return new BrokenChain(sequence, 'it was changed');
  if (event.previousHash !== before.hash) {
    return new BrokenChain(sequence, 'it does not follow the event before it');
  }
  if (event.action === 'audit.break') {
    return new BrokenChain(sequence, 'the server found here that the chain had been changed');
  }
  return undefined;
}

/** Verifies the whole chain, a few hundred events at a time; the server may go on meanwhile. Throws BrokenChain. */
export class ChainCheck {
  private readonly unseen: Witness[];

  constructor(
    private readonly read: Read,
    private readonly key: Buffer,
    witnesses: readonly Witness[] = [],
  ) {
    this.unseen = [...witnesses];
  }

  async run(): Promise<Verified> {
    for (;;) {
      const anchor = await this.anchor();
      const verified = await this.runFrom(anchor);
      // Retention has gone on below what was being read: its new anchor is the ground now.
      if (verified) return verified;
    }
  }

  private async runFrom(anchor: ChainEnd): Promise<Verified | undefined> {
    const result: Verified = { count: 0, anchor, head: await this.head() };
    let last: Pick<ChainEnd, 'sequence' | 'hash'> = anchor;
    this.compare(last);
    while (last.sequence < result.head.sequence) {
      const rows = await this.read(
        `${SELECT_EVENTS} WHERE sequence > ? AND sequence <= ? ORDER BY sequence LIMIT ${EVENTS_IN_A_READ}`,
        [last.sequence, result.head.sequence],
      );
      const events = rows.map(eventOf);
      if (events[0]?.sequence !== last.sequence + 1 && (await this.anchor()).sequence > last.sequence) {
        return undefined;
      }
      for (const event of events) {
        const fault = faultOf(this.key, last, event);
        if (fault) throw fault;
        last = event;
        this.compare(last);
        result.count++;
        result.from ??= event.date;
        result.to = event.date;
      }
      if (events.length === 0) throw new BrokenChain(last.sequence + 1, 'it was removed');
    }
    if (last.sequence !== result.head.sequence || last.hash !== result.head.hash) {
      throw new BrokenChain(result.head.sequence, 'the end of the chain is another one');
    }
    await this.refuseOutside();
    this.refuseUnseen(result);
    return result;
  }

  private async anchor(): Promise<ChainEnd> {
    const anchor = endOf((await this.read(SELECT_ANCHOR, []))[0]);
    if (!anchor) throw new BrokenChain(1, 'the anchor of the chain was removed');
    if (!isSealed(this.key, 'anchor', anchor)) {
      throw new BrokenChain(anchor.sequence, 'the anchor of the chain was changed');
    }
    return anchor;
  }

  private async head(): Promise<ChainEnd> {
    const head = endOf((await this.read(SELECT_HEAD, []))[0]);
    if (!head) throw new BrokenChain(1, 'the head of the chain was removed');
    if (!isSealed(this.key, 'head', head)) {
      throw new BrokenChain(head.sequence, 'the head of the chain was changed');
    }
    return head;
  }

  /** Rows below the anchor or above the head are no events of the server. */
  private async refuseOutside(): Promise<void> {
    for (const outside of [
      'sequence <= (SELECT sequence FROM audit_anchor WHERE id = 1)',
      'sequence > (SELECT sequence FROM audit_head WHERE id = 1)',
    ]) {
      const [row] = await this.read(`SELECT sequence FROM audit_event WHERE ${outside} LIMIT 1`, []);
      if (row) throw new BrokenChain(Number(row.sequence), 'it was inserted');
    }
  }

  private compare({ sequence, hash }: Witness): void {
    for (const witness of this.unseen.filter((one) => one.sequence === sequence)) {
      if (witness.hash !== hash)
        throw new BrokenChain(sequence, 'it is not the one that the log has told of');
      this.unseen.splice(this.unseen.indexOf(witness), 1);
    }
  }

  private refuseUnseen({ anchor, head }: Verified): void {
    for (const { sequence } of this.unseen) {
      if (sequence > head.sequence) {
        throw new BrokenChain(sequence, 'the log has told of it, but the chain ends before it');
      }
      if (sequence < anchor.sequence) {
        throw new BrokenChain(sequence, 'it is too old to be compared: it was removed by age');
      }
    }
  }
}

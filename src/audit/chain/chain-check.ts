import type { SqlValue } from '../../database/durable-writer.js';
import type { Row } from '../../database/row-reader.js';
import {
  endOf,
  eventOf,
  isCount,
  SELECT_ANCHOR,
  SELECT_ANCHOR_AND_FIRST,
  SELECT_EVENTS,
  SELECT_HEAD,
  SELECT_HEAD_AND_LAST,
  type StoredEvent,
} from '../audit-row.js';
import { BrokenChain, faultOf, isGenuine } from './broken-chain.js';
import { type ChainEnd, isSealed, type Place } from './chain.js';

const EVENTS_IN_A_READ = 500;
const MAX_FAULTS = 20;

/** A place of the chain recorded elsewhere, such as in the log. */
export interface Checkpoint {
  sequence: number;
  hash: string;
}

/** The extent of a valid chain; `from` and `to` are absent if it has no events. */
export interface Verified {
  count: number;
  from?: number;
  to?: number;
  anchor: ChainEnd;
  head: ChainEnd;
}

type Read = (sql: string, values: readonly SqlValue[]) => Promise<Row[]>;

/**
 * Verifies the whole chain, a few hundred events at a time, while the server keeps running. Throws BrokenChain with
 * the first fault and those that follow it.
 */
export class ChainCheck {
  private readonly unseen: Checkpoint[];
  private faults: BrokenChain[] = [];

  constructor(
    private readonly read: Read,
    private readonly key: Buffer,
    checkpoints: readonly Checkpoint[] = [],
  ) {
    this.unseen = [...checkpoints];
  }

  async run(): Promise<Verified> {
    for (;;) {
      this.faults = [];
      const anchor = await this.anchor();
      const verified = await this.runFrom(anchor);
      const [first, ...further] = this.faults;
      if (first) throw first.with(further);
      // If retention has deleted events during the check, verification restarts from the new anchor.
      if (verified) return verified;
    }
  }

  private async runFrom(anchor: ChainEnd): Promise<Verified | undefined> {
    const result: Verified = { count: 0, anchor, head: await this.head() };
    let last: Place = anchor;
    let read = anchor.sequence;
    this.compare(last);
    while (read < result.head.sequence && this.faults.length < MAX_FAULTS) {
      const rows = await this.read(
        `${SELECT_EVENTS} WHERE sequence > ? AND sequence <= ? ORDER BY sequence LIMIT ${EVENTS_IN_A_READ}`,
        [read, result.head.sequence],
      );
      const events = rows.map(eventOf);
      if (events[0]?.sequence !== last.sequence + 1 && (await this.anchor()).sequence > last.sequence) {
        this.faults = [];
        return undefined;
      }
      for (const event of events) {
        last = await this.judge(last, event);
        read = event.sequence;
        this.compare(last);
        result.count++;
        result.from ??= event.date;
        result.to = event.date;
      }
      if (events.length === 0) {
        this.faults.push(new BrokenChain(last.sequence + 1, 'it was removed'));
        break;
      }
    }
    if (this.faults.length > 0) return undefined;
    if (last.sequence !== result.head.sequence || last.hash !== result.head.hash) {
      throw new BrokenChain(
        result.head.sequence,
        'the chain ends at a different event than its head records',
      );
    }
    await this.assertNothingOutside();
    this.assertWitnessed(result);
    return result;
  }

  /** The place from which the next event is judged: this event, unless it was inserted between two genuine ones. */
  private async judge(before: Place, event: StoredEvent): Promise<Place> {
    const fault = faultOf(this.key, before, event);
    if (!fault) return event;
    if (!isGenuine(this.key, event) && (await this.isFollowed(before, event.sequence))) {
      this.faults.push(new BrokenChain(event.sequence, 'it was inserted'));
      return before;
    }
    this.faults.push(fault);
    return event;
  }

  /** Whether a genuine event with a greater sequence follows the place. */
  private async isFollowed({ hash }: Place, beyond: number): Promise<boolean> {
    const rows = await this.read(`${SELECT_EVENTS} WHERE previous_hash = ? AND sequence > ?`, [hash, beyond]);
    return rows.map(eventOf).some((event) => isGenuine(this.key, event));
  }

  private async anchor(): Promise<ChainEnd> {
    return this.end('anchor', (await this.read(SELECT_ANCHOR, []))[0]);
  }

  private async head(): Promise<ChainEnd> {
    return this.end('head', (await this.read(SELECT_HEAD, []))[0]);
  }

  private end(kind: 'anchor' | 'head', row: Row | undefined): ChainEnd {
    if (!row) throw new BrokenChain(1, `the ${kind} of the chain was removed`);
    const end = endOf(row);
    if (!end || !isSealed(this.key, kind, end)) {
      throw new BrokenChain(String(row.sequence), `the ${kind} of the chain was changed`);
    }
    return end;
  }

  /**
   * Rows before the anchor or after the head are not the server's. Only the outermost are queried: in SQLite every
   * text sorts after every number.
   */
  private async assertNothingOutside(): Promise<void> {
    const [above] = await this.read(SELECT_HEAD_AND_LAST, []);
    const [below] = await this.read(SELECT_ANCHOR_AND_FIRST, []);
    const [head, anchor] = [this.end('head', above), this.end('anchor', below)];
    const [last, first] = [above?.last, below?.first];
    if (last !== null && !(isCount(last) && last <= head.sequence)) {
      throw new BrokenChain(String(last), 'it was inserted');
    }
    if (first !== null && !(isCount(first) && first > anchor.sequence)) {
      throw new BrokenChain(String(first), 'it was inserted');
    }
  }

  private compare({ sequence, hash }: Checkpoint): void {
    for (const checkpoint of this.unseen.filter((one) => one.sequence === sequence)) {
      if (checkpoint.hash !== hash) {
        this.faults.push(new BrokenChain(sequence, 'it does not match the checkpoint in the log'));
      }
      this.unseen.splice(this.unseen.indexOf(checkpoint), 1);
    }
  }

  private assertWitnessed({ anchor, head }: Verified): void {
    for (const { sequence } of this.unseen) {
      if (sequence > head.sequence) {
        throw new BrokenChain(sequence, 'the log has a checkpoint for it, but the chain ends before it');
      }
      if (sequence < anchor.sequence) {
        throw new BrokenChain(sequence, 'it cannot be compared with its checkpoint: it was removed by age');
      }
    }
  }
}

import { Injectable } from '@nestjs/common';
import { places } from '../database/durable-writer.js';
import { RowReader } from '../database/row-reader.js';
import type { AuditAction, AuditEvent } from './audit-event.js';
import { eventOf, SELECT_EVENTS } from './audit-row.js';

/** Sequence numbers: `removed` is the last event that retention has removed, `last` the newest one. */
export interface FeedEnds {
  removed: number;
  last: number;
}

export interface FeedRange {
  after: number;
  upTo: number;
  limit: number;
  /** All of them if absent. */
  actions?: readonly AuditAction[];
}

/** Reads the events in their order. An event is visible only once all earlier ones are. */
@Injectable()
export class AuditFeed {
  constructor(private readonly reader: RowReader) {}

  async ends(): Promise<FeedEnds> {
    const [row] = await this.reader.read(
      `SELECT h.sequence AS last, a.sequence AS removed FROM audit_head h
       JOIN audit_anchor a ON a.id = h.id WHERE h.id = 1`,
      [],
    );
    return { removed: Number(row?.removed ?? 0), last: Number(row?.last ?? 0) };
  }

  /** A range of sequence numbers bounds the rows that are read, however few of them have these actions. */
  async read({ after, upTo, limit, actions }: FeedRange): Promise<AuditEvent[]> {
    const chosen = actions ? `AND action IN (${places(actions)})` : '';
    const rows = await this.reader.read(
      `${SELECT_EVENTS} WHERE sequence > ? AND sequence <= ? ${chosen} ORDER BY sequence LIMIT ${limit}`,
      [after, upTo, ...(actions ?? [])],
    );
    return rows.map(eventOf);
  }

  /** The last sequence number before this time; 0 if every event is from later. */
  async sequenceBefore(milliseconds: number): Promise<number> {
    const [row] = await this.reader.read(
      'SELECT sequence FROM audit_event WHERE occurred_at < ? ORDER BY occurred_at DESC, id DESC LIMIT 1',
      [milliseconds],
    );
    return Number(row?.sequence ?? 0);
  }
}

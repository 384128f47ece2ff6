import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DurableWriter, type SqlValue } from '../database/durable-writer.js';
import { RowReader } from '../database/row-reader.js';
import { sharedMilliseconds } from '../runtime/clock.js';

/** Longer than a delivery takes, so that only a process that has died or hangs loses its lease. */
const LEASE_MS = 30_000;
const RENEWED_BELOW_MS = 15_000;
/** A time that is further ahead was written by a clock that had jumped. */
const MAX_AHEAD_MS = 120_000;

export type CursorName = 'webhook' | 'audit-log' | 'watch';

/** How far one output has come. */
export interface Cursor {
  name: CursorName;
  /** The last audit event that is dealt with; -1 before the first start. */
  sequence: number;
  holder: string;
  heldUntil: number;
  /** Failed attempts since the last success. */
  failures: number;
  /** No attempt before this time. */
  notBefore: number;
}

/** Another process has taken over, because this one was too slow. */
export class LeaseLost extends Error {}

/**
 * The cursors of all outputs, as rows. One process at a time holds a cursor: every change compares the row with what was
 * read, so a process that was overtaken changes nothing.
 */
@Injectable()
export class EventCursors {
  private readonly self = randomUUID();

  constructor(
    private readonly reader: RowReader,
    private readonly writer: DurableWriter,
  ) {}

  async read(name: CursorName): Promise<Cursor> {
    const [row] = await this.reader.read(
      'SELECT sequence, holder, held_until, failures, not_before FROM event_cursor WHERE id = ?',
      [name],
    );
    return {
      name,
      sequence: Number(row?.sequence ?? -1),
      holder: String(row?.holder ?? ''),
      heldUntil: Number(row?.held_until ?? 0),
      failures: Number(row?.failures ?? 0),
      notBefore: Number(row?.not_before ?? 0),
    };
  }

  /** Sets where an output begins, unless it has begun. */
  async begin(name: CursorName, sequence: number): Promise<void> {
    await this.update('SET sequence = ? WHERE id = ? AND sequence = -1', [sequence, name]);
  }

  /** Undefined while another process holds the cursor, or before the next attempt is due. */
  async claim(cursor: Cursor): Promise<Cursor | undefined> {
    const now = sharedMilliseconds();
    const isDue = !isAhead(cursor.notBefore, now);
    const isFree = cursor.holder === this.self || !isAhead(cursor.heldUntil, now);
    if (!isDue || !isFree) return undefined;
    if (cursor.holder === this.self && cursor.heldUntil - now > RENEWED_BELOW_MS) return cursor;
    const next = { ...cursor, holder: this.self, heldUntil: now + LEASE_MS };
    return (await this.replace(cursor, next)) ? next : undefined;
  }

  /** Extends the lease if it would end soon. */
  async renew(cursor: Cursor): Promise<Cursor> {
    const now = sharedMilliseconds();
    if (cursor.heldUntil - now > RENEWED_BELOW_MS) return cursor;
    return this.change(cursor, { heldUntil: now + LEASE_MS });
  }

  /** Moves on after a success. */
  moveTo(cursor: Cursor, sequence: number): Promise<Cursor> {
    return this.change(cursor, { sequence, failures: 0, heldUntil: sharedMilliseconds() + LEASE_MS });
  }

  /** Releases the cursor, so that any process can continue after the pause. */
  async release(cursor: Cursor, failures: number, pauseMilliseconds: number): Promise<void> {
    const notBefore = sharedMilliseconds() + pauseMilliseconds;
    await this.change(cursor, { holder: '', heldUntil: 0, failures, notBefore });
  }

  private async change(cursor: Cursor, changes: Partial<Cursor>): Promise<Cursor> {
    const next = { ...cursor, ...changes };
    if (!(await this.replace(cursor, next))) throw new LeaseLost();
    return next;
  }

  private replace(before: Cursor, after: Cursor): Promise<boolean> {
    return this.update(
      `SET sequence = ?, holder = ?, held_until = ?, failures = ?, not_before = ?
       WHERE id = ? AND sequence = ? AND holder = ? AND held_until = ?`,
      [
        ...[after.sequence, after.holder, after.heldUntil, after.failures, after.notBefore],
        ...[before.name, before.sequence, before.holder, before.heldUntil],
      ],
    );
  }

  private update(rest: string, values: readonly SqlValue[]): Promise<boolean> {
    return this.writer.write({ statements: [{ sql: `UPDATE event_cursor ${rest}`, values }] });
  }
}

const isAhead = (time: number, now: number): boolean => time > now && time <= now + MAX_AHEAD_MS;

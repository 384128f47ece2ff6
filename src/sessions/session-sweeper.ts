import { Injectable } from '@nestjs/common';
import { AgreedClock } from '../crypto/agreed-clock.js';
import { byPrimaryKeys, DurableWriter } from '../database/durable-writer.js';
import { Outage } from '../database/outage.js';
import { type Row, RowReader } from '../database/row-reader.js';
import { BackgroundJob } from '../runtime/background-job.js';

const REMOVED_PER_STEP = 200;
/** A step reads more rows if the previous one found no ended session. */
const READ_PER_STEP = { afterRemoval: REMOVED_PER_STEP, afterNone: 1000 };

/**
 * Deletes sessions whose family has ended as well: a few rows per step, in the order of the primary key, with a cursor
 * that wraps around. It never scans the table, holds locks only for one step, and yields to token requests. Sessions
 * that the audit has not recorded yet are kept.
 */
@Injectable()
export class SessionSweeper extends BackgroundJob {
  private cursor = '';
  private limit: number = READ_PER_STEP.afterRemoval;

  constructor(
    private readonly writer: DurableWriter,
    private readonly reader: RowReader,
    private readonly clock: AgreedClock,
    outage: Outage,
  ) {
    super(outage, {
      intervalMs: { busy: 20, idle: 1000 },
      busyShare: 0.05,
      failureMessage: 'session cleanup failed',
    });
  }

  /** Resolves to whether it deleted any row. */
  protected async step(): Promise<boolean> {
    const now = this.clock.removalMilliseconds();
    if (now === undefined) return false;
    const rows = await this.reader.read(
      `SELECT s.id, s.ends_at, f.family_ends_at FROM session s LEFT JOIN session f ON f.id = s.family_id
       WHERE s.id > ? AND s.id <= (SELECT session_id FROM audit_scan WHERE id = 1) ORDER BY s.id LIMIT ${this.limit}`,
      [this.cursor],
    );
    const ended = rows.filter((row) => hasEnded(row, now)).slice(0, REMOVED_PER_STEP);
    const last = ended.length === REMOVED_PER_STEP ? ended.at(-1) : rows.at(-1);
    const isFull = rows.length === this.limit || ended.length === REMOVED_PER_STEP;
    if (ended.length > 0) await this.remove(ended);
    this.cursor = isFull ? String(last?.id) : '';
    this.limit = READ_PER_STEP[isFull && ended.length === 0 ? 'afterNone' : 'afterRemoval'];
    return ended.length > 0;
  }

  private async remove(sessions: readonly Row[]): Promise<void> {
    const sql = `DELETE FROM session WHERE ${byPrimaryKeys('id', sessions)}`;
    await this.writer.write({ statements: [{ sql, values: sessions.map(({ id }) => String(id)) }] });
  }
}

function hasEnded({ ends_at, family_ends_at }: Row, now: number): boolean {
  return Number(ends_at) <= now && (family_ends_at === null || Number(family_ends_at) <= now);
}

import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Log } from '../config/log.js';
import { nowMilliseconds } from '../crypto/clock.js';
import { DurableWriter } from '../database/durable-writer.js';
import { RowReader } from '../database/row-reader.js';

const ROWS_IN_A_STEP = 200;
const BETWEEN_STEPS_MILLISECONDS = { busy: 20, calm: 1000 };

/**
 * Removes sessions that have ended, with their family: a step of a few rows at a time, in the order of the key, by a
 * cursor that goes round. It never scans, and never holds a lock for longer than a step. What the audit has not told
 * yet stays.
 */
@Injectable()
export class SessionSweeper implements OnApplicationBootstrap, OnApplicationShutdown {
  private cursor = '';
  private timer: NodeJS.Timeout | undefined;
  private step: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(
    private readonly writer: DurableWriter,
    private readonly reader: RowReader,
    private readonly log: Log,
  ) {}

  onApplicationBootstrap(): void {
    this.schedule(BETWEEN_STEPS_MILLISECONDS.calm);
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.step;
  }

  /** One step; answers how many rows it removed. */
  async sweep(): Promise<number> {
    const rows = await this.reader.read(
      `SELECT s.id, s.ends_at, f.family_ends_at FROM session s LEFT JOIN session f ON f.id = s.family_id
       WHERE s.id > ? AND s.id <= (SELECT session_id FROM audit_scan WHERE id = 1) ORDER BY s.id LIMIT ${ROWS_IN_A_STEP}`,
      [this.cursor],
    );
    this.cursor = rows.length < ROWS_IN_A_STEP ? '' : String(rows.at(-1)?.id);
    const now = nowMilliseconds();
    const ended = rows.filter(
      (row) =>
        Number(row.ends_at) <= now && (row.family_ends_at === null || Number(row.family_ends_at) <= now),
    );
    if (ended.length > 0) {
      const places = ended.map(() => '?').join(', ');
      const sql = `DELETE FROM session WHERE id IN (${places})`;
      await this.writer.write({ statements: [{ sql, values: ended.map(({ id }) => String(id)) }] });
    }
    return ended.length;
  }

  private schedule(milliseconds: number): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => {
      this.step = this.sweep().then(
        (removed) => this.schedule(BETWEEN_STEPS_MILLISECONDS[removed > 0 ? 'busy' : 'calm']),
        (error: Error) => {
          this.log.warn({ reason: error.message }, 'ended sessions could not be removed');
          this.schedule(BETWEEN_STEPS_MILLISECONDS.calm);
        },
      );
    }, milliseconds);
    this.timer.unref();
  }
}

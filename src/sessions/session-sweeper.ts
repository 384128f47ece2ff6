import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { AgreedClock } from '../crypto/agreed-clock.js';
import { byPrimaryKeys, DurableWriter } from '../database/durable-writer.js';
import { Outage } from '../database/outage.js';
import { type Row, RowReader } from '../database/row-reader.js';
import { BackgroundJob } from '../runtime/background-job.js';

const REMOVED_IN_A_STEP = 200;
/** Where none of the last rows had ended, a step looks further. */
const LOOKED_AT_IN_A_STEP = { among: REMOVED_IN_A_STEP, beyond: 1000 };

/**
 * Removes sessions that have ended, with their family: a step of a few rows at a time, in the order of the key, by a
 * cursor that goes round. It never scans, never holds a lock for longer than a step, and gives way to tokens. What the
 * audit has not told yet stays.
 */
@Injectable()
export class SessionSweeper implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly chore: BackgroundJob;
  private cursor = '';
  private lookedAt: number = LOOKED_AT_IN_A_STEP.among;

  constructor(
    private readonly writer: DurableWriter,
    private readonly reader: RowReader,
    private readonly clock: AgreedClock,
    outage: Outage,
  ) {
    this.chore = new BackgroundJob(outage, {
      step: () => this.sweep(),
      intervalMs: { busy: 20, idle: 1000 },
      busyShare: 0.05,
      failureMessage: 'ended sessions could not be removed',
    });
  }

  onApplicationBootstrap(): void {
    this.chore.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.chore.stop();
  }

  /** One step; answers whether it removed any row. */
  private async sweep(): Promise<boolean> {
    const now = this.clock.removalMilliseconds();
    if (now === undefined) return false;
    const rows = await this.reader.read(
      `SELECT s.id, s.ends_at, f.family_ends_at FROM session s LEFT JOIN session f ON f.id = s.family_id
       WHERE s.id > ? AND s.id <= (SELECT session_id FROM audit_scan WHERE id = 1) ORDER BY s.id LIMIT ${this.lookedAt}`,
      [this.cursor],
    );
    const ended = rows.filter((row) => hasEnded(row, now)).slice(0, REMOVED_IN_A_STEP);
    const last = ended.length === REMOVED_IN_A_STEP ? ended.at(-1) : rows.at(-1);
    const isWhole = rows.length === this.lookedAt || ended.length === REMOVED_IN_A_STEP;
    if (ended.length > 0) await this.remove(ended);
    this.cursor = isWhole ? String(last?.id) : '';
    this.lookedAt = LOOKED_AT_IN_A_STEP[isWhole && ended.length === 0 ? 'beyond' : 'among'];
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

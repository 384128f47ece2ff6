import { Injectable } from '@nestjs/common';
import { AgreedClock } from '../../crypto/agreed-clock.js';
import { byPrimaryKeys, DurableWriter } from '../../database/durable-writer.js';
import { COUNT_TABLE } from '../../database/engine/window-counts.js';
import { Outage } from '../../database/outage.js';
import { RowReader } from '../../database/row-reader.js';
import { BackgroundJob } from '../../runtime/background-job.js';
import { FailureCounter } from './failure-counter.js';

const ROWS_PER_STEP = 500;
const STEP_INTERVAL_MS = { busy: 50, idle: 10_000 };

/** Deletes expired counts, a few rows at a time by an index; counts in memory expire by themselves. */
@Injectable()
export class FailureSweeper extends BackgroundJob {
  constructor(
    private readonly counter: FailureCounter,
    private readonly writer: DurableWriter,
    private readonly reader: RowReader,
    private readonly clock: AgreedClock,
    outage: Outage,
  ) {
    super(outage, {
      intervalMs: STEP_INTERVAL_MS,
      failureMessage: 'failure-count cleanup failed',
    });
  }

  override onApplicationBootstrap(): void {
    if (this.counter.isShared) this.start();
  }

  /** Resolves to whether there may be more. */
  protected async step(): Promise<boolean> {
    const now = this.clock.removalMilliseconds();
    if (now === undefined) return false;
    const rows = await this.reader.read(
      `SELECT \`key\` AS ended FROM ${COUNT_TABLE} WHERE expire < ? ORDER BY expire LIMIT ${ROWS_PER_STEP}`,
      [now],
    );
    if (rows.length === 0) return false;
    // By key, and only if no new window has begun. A range condition on expire would lock rows that are being counted;
    // `expire + 0` keeps the index out of use.
    const sql = `DELETE FROM ${COUNT_TABLE} WHERE expire + 0 < ? AND ${byPrimaryKeys('`key`', rows)}`;
    await this.writer.write({
      statements: [{ sql, values: [now, ...rows.map(({ ended }) => String(ended))] }],
    });
    return rows.length === ROWS_PER_STEP;
  }
}

import { Injectable } from '@nestjs/common';
import { AgreedClock } from '../../crypto/agreed-clock.js';
import { byPrimaryKeys, DurableWriter } from '../../database/durable-writer.js';
import { Outage } from '../../database/outage.js';
import { RowReader } from '../../database/row-reader.js';
import { BackgroundJob } from '../../runtime/background-job.js';
import { DAY_MILLISECONDS } from '../token-quota-use.js';
import { WORKLOAD_IDS } from './workload.js';

const ROWS_PER_STEP = 200;
const STEP_INTERVAL_MS = { busy: 20, idle: 60_000 };

/** Deletes the counts of workloads whose last day has passed: subjects come and go, and clients do not. */
@Injectable()
export class WorkloadUseSweeper extends BackgroundJob {
  private cursor: string = WORKLOAD_IDS.from;

  constructor(
    private readonly writer: DurableWriter,
    private readonly reader: RowReader,
    private readonly clock: AgreedClock,
    outage: Outage,
  ) {
    super(outage, {
      intervalMs: STEP_INTERVAL_MS,
      failureMessage: 'counts of workloads could not be deleted',
    });
  }

  /** Resolves to whether it deleted any row. */
  protected async step(): Promise<boolean> {
    const now = this.clock.removalMilliseconds();
    if (now === undefined) return false;
    const rows = await this.reader.read(
      `SELECT client_id, day_start FROM token_quota_use WHERE client_id > ? AND client_id < ?
       ORDER BY client_id LIMIT ${ROWS_PER_STEP}`,
      [this.cursor, WORKLOAD_IDS.to],
    );
    const ended = rows
      .filter(({ day_start: start }) => isOver(Number(start), now))
      .map((row) => String(row.client_id));
    if (ended.length > 0) {
      const sql = `DELETE FROM token_quota_use WHERE ${byPrimaryKeys('client_id', ended)}`;
      await this.writer.write({ statements: [{ sql, values: ended }] });
    }
    this.cursor = rows.length < ROWS_PER_STEP ? WORKLOAD_IDS.from : String(rows.at(-1)?.client_id);
    return ended.length > 0;
  }
}

/** A new row has the start 0 until its first token is counted: its age is unknown, so it is kept. */
const isOver = (dayStart: number, now: number): boolean =>
  dayStart > 0 && dayStart + 2 * DAY_MILLISECONDS <= now;

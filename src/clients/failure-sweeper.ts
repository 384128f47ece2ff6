import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Log } from '../config/log.js';
import { Settings } from '../config/settings.js';
import { nowMilliseconds } from '../crypto/clock.js';
import { DurableWriter } from '../database/durable-writer.js';
import { RowReader } from '../database/row-reader.js';
import { FAILURE_TABLE } from './failure-counter.js';

const ROWS_IN_A_STEP = 500;
const BETWEEN_STEPS_MILLISECONDS = { busy: 50, calm: 10_000 };

/** Removes counts that have ended, a few rows at a time by an index; in memory they end by themselves. */
@Injectable()
export class FailureSweeper implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private step: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(
    private readonly settings: Settings,
    private readonly writer: DurableWriter,
    private readonly reader: RowReader,
    private readonly log: Log,
  ) {}

  onApplicationBootstrap(): void {
    if (this.settings.database.engine === 'mysql') this.schedule(BETWEEN_STEPS_MILLISECONDS.calm);
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.step;
  }

  /** One step; answers whether there may be more. */
  private async sweep(): Promise<boolean> {
    const now = nowMilliseconds();
    const rows = await this.reader.read(
      `SELECT \`key\` AS ended FROM ${FAILURE_TABLE} WHERE expire < ? ORDER BY expire LIMIT ${ROWS_IN_A_STEP}`,
      [now],
    );
    if (rows.length === 0) return false;
    // By key, and only if no new minute has begun: a range of the index would lock rows that are being counted.
    const places = rows.map(() => '?').join(', ');
    const sql = `DELETE FROM ${FAILURE_TABLE} WHERE \`key\` IN (${places}) AND expire < ?`;
    await this.writer.write({
      statements: [{ sql, values: [...rows.map(({ ended }) => String(ended)), now] }],
    });
    return rows.length === ROWS_IN_A_STEP;
  }

  private schedule(milliseconds: number): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => {
      this.step = this.sweep().then(
        (more) => this.schedule(BETWEEN_STEPS_MILLISECONDS[more ? 'busy' : 'calm']),
        (error: Error) => {
          this.log.warn({ fault: error.name }, 'ended failure counts could not be removed');
          this.schedule(BETWEEN_STEPS_MILLISECONDS.calm);
        },
      );
    }, milliseconds);
    this.timer.unref();
  }
}

import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Log } from '../../config/log.js';
import { nowMilliseconds } from '../../crypto/clock.js';
import { DurableWriter } from '../../database/durable-writer.js';
import { RowReader } from '../../database/row-reader.js';

const ROWS_IN_A_STEP = 200;
const BETWEEN_STEPS_MILLISECONDS = { busy: 20, calm: 1000 };

/** Forgets used assertions that have expired: a few at a time, in the order of the key, by a cursor that goes round. */
@Injectable()
export class UsedAssertionSweeper implements OnApplicationBootstrap, OnApplicationShutdown {
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
  private async sweep(): Promise<number> {
    const rows = await this.reader.read(
      `SELECT id, expires_at FROM used_assertion WHERE id > ? ORDER BY id LIMIT ${ROWS_IN_A_STEP}`,
      [this.cursor],
    );
    this.cursor = rows.length < ROWS_IN_A_STEP ? '' : String(rows.at(-1)?.id);
    const now = nowMilliseconds();
    const expired = rows.filter((row) => Number(row.expires_at) <= now).map(({ id }) => String(id));
    if (expired.length > 0) {
      const sql = `DELETE FROM used_assertion WHERE id IN (${expired.map(() => '?').join(', ')})`;
      await this.writer.write({ statements: [{ sql, values: expired }] });
    }
    return expired.length;
  }

  private schedule(milliseconds: number): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => {
      this.step = this.sweep().then(
        (removed) => this.schedule(BETWEEN_STEPS_MILLISECONDS[removed > 0 ? 'busy' : 'calm']),
        (error: Error) => {
          this.log.warn({ fault: error.name }, 'expired assertions could not be forgotten');
          this.schedule(BETWEEN_STEPS_MILLISECONDS.calm);
        },
      );
    }, milliseconds);
    this.timer.unref();
  }
}

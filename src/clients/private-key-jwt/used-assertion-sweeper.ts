import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { AgreedClock } from '../../crypto/agreed-clock.js';
import { byPrimaryKeys, DurableWriter } from '../../database/durable-writer.js';
import { Outage } from '../../database/outage.js';
import { RowReader } from '../../database/row-reader.js';
import { BackgroundJob } from '../../runtime/background-job.js';

const ROWS_IN_A_STEP = 200;
const BETWEEN_STEPS_MILLISECONDS = { busy: 20, idle: 1000 };

/** Forgets used assertions that have expired: a few at a time, in the order of the key, by a cursor that goes round. */
@Injectable()
export class UsedAssertionSweeper implements OnApplicationBootstrap, OnApplicationShutdown {
  private cursor = '';
  private readonly chore: BackgroundJob;

  constructor(
    private readonly writer: DurableWriter,
    private readonly reader: RowReader,
    private readonly clock: AgreedClock,
    outage: Outage,
  ) {
    this.chore = new BackgroundJob(outage, {
      step: () => this.sweep(),
      intervalMs: BETWEEN_STEPS_MILLISECONDS,
      failureMessage: 'expired assertions could not be deleted',
    });
  }

  onApplicationBootstrap(): void {
    this.chore.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.chore.stop();
  }

  /** One step; answers whether it removed any. */
  private async sweep(): Promise<boolean> {
    const now = this.clock.removalMilliseconds();
    if (now === undefined) return false;
    const rows = await this.reader.read(
      `SELECT id, expires_at FROM used_assertion WHERE id > ? ORDER BY id LIMIT ${ROWS_IN_A_STEP}`,
      [this.cursor],
    );
    const expired = rows.filter((row) => Number(row.expires_at) <= now).map(({ id }) => String(id));
    if (expired.length > 0) {
      const sql = `DELETE FROM used_assertion WHERE ${byPrimaryKeys('id', expired)}`;
      await this.writer.write({ statements: [{ sql, values: expired }] });
    }
    this.cursor = rows.length < ROWS_IN_A_STEP ? '' : String(rows.at(-1)?.id);
    return expired.length > 0;
  }
}

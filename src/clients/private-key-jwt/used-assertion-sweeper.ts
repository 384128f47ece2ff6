import { Injectable } from '@nestjs/common';
import { AgreedClock } from '../../crypto/agreed-clock.js';
import { byPrimaryKeys, DurableWriter } from '../../database/durable-writer.js';
import { Outage } from '../../database/outage.js';
import { RowReader } from '../../database/row-reader.js';
import { BackgroundJob } from '../../runtime/background-job.js';

const ROWS_PER_STEP = 200;
const STEP_INTERVAL_MS = { busy: 20, idle: 1000 };

/** Deletes expired assertions: a few per step, in the order of the primary key, with a cursor that wraps around. */
@Injectable()
export class UsedAssertionSweeper extends BackgroundJob {
  private cursor = '';

  constructor(
    private readonly writer: DurableWriter,
    private readonly reader: RowReader,
    private readonly clock: AgreedClock,
    outage: Outage,
  ) {
    super(outage, {
      intervalMs: STEP_INTERVAL_MS,
      failureMessage: 'expired assertions could not be deleted',
    });
  }

  /** Resolves to whether it deleted any row. */
  protected async step(): Promise<boolean> {
    const now = this.clock.removalMilliseconds();
    if (now === undefined) return false;
    const rows = await this.reader.read(
      `SELECT id, expires_at FROM used_assertion WHERE id > ? ORDER BY id LIMIT ${ROWS_PER_STEP}`,
      [this.cursor],
    );
    const expired = rows.filter((row) => Number(row.expires_at) <= now).map(({ id }) => String(id));
    if (expired.length > 0) {
      const sql = `DELETE FROM used_assertion WHERE ${byPrimaryKeys('id', expired)}`;
      await this.writer.write({ statements: [{ sql, values: expired }] });
    }
    this.cursor = rows.length < ROWS_PER_STEP ? '' : String(rows.at(-1)?.id);
    return expired.length > 0;
  }
}

import type { AgreedClock } from '../crypto/agreed-clock.js';
import { byPrimaryKeys, type DurableWriter } from '../database/durable-writer.js';
import type { Outage } from '../database/outage.js';
import type { RowReader } from '../database/row-reader.js';
import { BackgroundJob } from '../runtime/background-job.js';

const ROWS_PER_STEP = 200;
const BUSY_INTERVAL_MS = 20;

/** Which rows of a table expire, and when. */
export interface ExpiringRows {
  table: string;
  /** The primary key, a text. */
  key: string;
  /** Rows expire whose key is greater than the first text and smaller than the second; absent: any. */
  between?: readonly [string, string];
  /** The column that decides when a row expires. */
  column: string;
  hasExpired: (value: number, now: number) => boolean;
  idleIntervalMs: number;
  failureMessage: string;
}

/**
 * Deletes expired rows, a few per step, in the order of the primary key, with a cursor that wraps around; none while the
 * clock is in doubt.
 */
export abstract class ExpiredRowsSweeper extends BackgroundJob {
  private readonly first: string;
  private cursor: string;

  constructor(
    private readonly rows: ExpiringRows,
    private readonly writer: DurableWriter,
    private readonly reader: RowReader,
    private readonly clock: AgreedClock,
    outage: Outage,
  ) {
    super(outage, {
      intervalMs: { busy: BUSY_INTERVAL_MS, idle: rows.idleIntervalMs },
      failureMessage: rows.failureMessage,
    });
    this.first = rows.between?.[0] ?? '';
    this.cursor = this.first;
  }

  /** Resolves to whether it deleted any row. */
  protected async step(): Promise<boolean> {
    const now = this.clock.removalMilliseconds();
    if (now === undefined) return false;
    const { table, key, hasExpired } = this.rows;
    const rows = await this.nextRows();
    const expired = rows.filter(({ value }) => hasExpired(Number(value), now)).map(({ id }) => String(id));
    if (expired.length > 0) {
      const sql = `DELETE FROM ${table} WHERE ${byPrimaryKeys(key, expired)}`;
      await this.writer.write({ statements: [{ sql, values: expired }] });
    }
    this.cursor = rows.length < ROWS_PER_STEP ? this.first : String(rows.at(-1)?.id);
    return expired.length > 0;
  }

  private nextRows() {
    const { table, key, column, between } = this.rows;
    const end = between === undefined ? [] : [between[1]];
    return this.reader.read(
      `SELECT ${key} AS id, ${column} AS value FROM ${table} WHERE ${key} > ?
       ${end.length > 0 ? `AND ${key} < ?` : ''} ORDER BY ${key} LIMIT ${ROWS_PER_STEP}`,
      [this.cursor, ...end],
    );
  }
}

import { Inject, Injectable } from '@nestjs/common';
import { DatabaseEngine } from '../database/engine/engine.js';
import { RowReader } from '../database/row-reader.js';
import { Searches } from '../database/search/search.js';
import { Metrics } from '../metrics/metrics.js';
import { sharedMilliseconds } from '../runtime/clock.js';
import { remembered } from '../runtime/remembered.js';
import { timeOfId } from './session-row.js';

/** Counting sessions on SQLite takes up to some hundred milliseconds of a thread. */
const ESTIMATE_INTERVAL_MS = 20_000;

const OLDEST_SESSION = 'SELECT id FROM session ORDER BY id LIMIT 1';
const OLDEST_UNAUDITED = `SELECT id FROM session
  WHERE id > (SELECT session_id FROM audit_scan WHERE id = 1) ORDER BY id LIMIT 1`;
const OLDEST_NOTE = 'SELECT id FROM session_note ORDER BY id LIMIT 1';

/** The size of the table of sessions, and how far the audit is behind it. */
@Injectable()
export class SessionMetrics {
  private readonly estimate = remembered(ESTIMATE_INTERVAL_MS, () =>
    this.searches.inTurn('metrics', async (lane) => {
      const [row] = await lane.run(this.engine.estimate('session', 'session_by_client_id_id'));
      return { rows: Number(row?.row_count), bytes: Number(row?.bytes) };
    }),
  );

  constructor(
    @Inject(Metrics) metrics: Metrics | undefined,
    private readonly engine: DatabaseEngine,
    private readonly searches: Searches,
    private readonly reader: RowReader,
  ) {
    if (metrics) this.register(metrics);
  }

  private register(metrics: Metrics): void {
    const aggregator = 'max';
    metrics.gauge(
      { name: 'latchkey_sessions', help: 'Stored sessions, estimated.', aggregator },
      async () => (await this.estimate()).rows,
    );
    metrics.gauge(
      { name: 'latchkey_sessions_bytes', help: 'Size of the table of sessions, estimated.', aggregator },
      async () => (await this.estimate()).bytes,
    );
    metrics.gauge(
      {
        name: 'latchkey_oldest_session_timestamp_seconds',
        help: 'When the oldest stored session began.',
        aggregator: 'min',
      },
      async () => inSeconds(await this.timeOf(OLDEST_SESSION)),
    );
    metrics.gauge(
      {
        name: 'latchkey_audit_lag_seconds',
        help: 'Age of the oldest issued or closed session without its audit event.',
        aggregator,
      },
      () => this.auditLag(),
    );
  }

  private async auditLag(): Promise<number> {
    const times = await Promise.all([OLDEST_UNAUDITED, OLDEST_NOTE].map((sql) => this.timeOf(sql)));
    const now = sharedMilliseconds();
    return Math.max(...times.map((time = now) => Math.max(0, now - time))) / 1000;
  }

  /** Ids begin with the time at which they were made. */
  private async timeOf(sql: string): Promise<number | undefined> {
    const [row] = await this.reader.read(sql, []);
    return row && timeOfId(String(row.id));
  }
}

const inSeconds = (milliseconds: number | undefined) =>
  milliseconds === undefined ? undefined : milliseconds / 1000;

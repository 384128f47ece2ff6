import { Injectable } from '@nestjs/common';
import { AgreedClock } from '../../crypto/agreed-clock.js';
import { DurableWriter } from '../../database/durable-writer.js';
import { Outage } from '../../database/outage.js';
import { RowReader } from '../../database/row-reader.js';
import { ExpiredRowsSweeper, type ExpiringRows } from '../expired-rows-sweeper.js';
import { DAY_MILLISECONDS } from '../usage/token-quota-use.js';
import { WORKLOAD_IDS } from './workload.js';

const WORKLOAD_USES: ExpiringRows = {
  table: 'token_quota_use',
  key: 'client_id',
  between: [WORKLOAD_IDS.from, WORKLOAD_IDS.to],
  column: 'day_start',
  // A new row has the start 0 until its first token is counted: its age is unknown, so it is kept.
  hasExpired: (dayStart, now) => dayStart > 0 && dayStart + 2 * DAY_MILLISECONDS <= now,
  idleIntervalMs: 60_000,
  failureMessage: 'counts of workloads could not be deleted',
};

/** Deletes the counts of workloads whose last day has passed: subjects come and go, and clients do not. */
@Injectable()
export class WorkloadUseSweeper extends ExpiredRowsSweeper {
  constructor(writer: DurableWriter, reader: RowReader, clock: AgreedClock, outage: Outage) {
    super(WORKLOAD_USES, writer, reader, clock, outage);
  }
}

import { Injectable } from '@nestjs/common';
import { AgreedClock } from '../../crypto/agreed-clock.js';
import { DurableWriter } from '../../database/durable-writer.js';
import { Outage } from '../../database/outage.js';
import { RowReader } from '../../database/row-reader.js';
import { ExpiredRowsSweeper, type ExpiringRows } from '../expired-rows-sweeper.js';
import { DAY_MILLISECONDS } from '../usage/token-quota-use.js';
import { MAX_USE_DAYS } from './scope-use.js';

const SCOPE_USES: ExpiringRows = {
  table: 'scope_use',
  key: 'id',
  column: 'last_used_at',
  // A new row has the time 0 until its first use is counted.
  hasExpired: (usedAt, now) => usedAt > 0 && usedAt + MAX_USE_DAYS * DAY_MILLISECONDS <= now,
  idleIntervalMs: 60_000,
  failureMessage: 'scope use cleanup failed',
};

/** Deletes the uses of scope items that are too old to be shown. */
@Injectable()
export class ScopeUseSweeper extends ExpiredRowsSweeper {
  constructor(writer: DurableWriter, reader: RowReader, clock: AgreedClock, outage: Outage) {
    super(SCOPE_USES, writer, reader, clock, outage);
  }
}

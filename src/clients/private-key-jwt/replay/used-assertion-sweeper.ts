import { Injectable } from '@nestjs/common';
import { AgreedClock } from '../../../crypto/agreed-clock.js';
import { DurableWriter } from '../../../database/durable-writer.js';
import { Outage } from '../../../database/outage.js';
import { RowReader } from '../../../database/row-reader.js';
import { ExpiredRowsSweeper, type ExpiringRows } from '../../expired-rows-sweeper.js';

const USED_ASSERTIONS: ExpiringRows = {
  table: 'used_assertion',
  key: 'id',
  column: 'expires_at',
  hasExpired: (expiresAt, now) => expiresAt <= now,
  idleIntervalMs: 1000,
  failureMessage: 'expired assertions could not be deleted',
};

@Injectable()
export class UsedAssertionSweeper extends ExpiredRowsSweeper {
  constructor(writer: DurableWriter, reader: RowReader, clock: AgreedClock, outage: Outage) {
    super(USED_ASSERTIONS, writer, reader, clock, outage);
  }
}

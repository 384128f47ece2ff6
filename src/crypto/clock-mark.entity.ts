import { Column, Entity, PrimaryColumn } from 'typeorm';
import { wholeNumber } from '../database/columns/column-types.js';

/** The last time at which the clock was trusted; the table has one row. */
@Entity('clock_mark')
export class ClockMarkRow {
  @PrimaryColumn('bigint', { transformer: wholeNumber })
  id!: number;

  /** Epoch milliseconds; 0: never. */
  @Column('bigint', { name: 'trusted_at', transformer: wholeNumber })
  trustedAt!: number;
}

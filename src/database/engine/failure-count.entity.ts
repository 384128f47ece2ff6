import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { wholeNumber } from '../columns/column-types.js';

/** Failed authentications by pair and by address; rate-limiter-flexible names the columns. */
@Entity('failure_count')
@Index('failure_count_by_expire', ['expire'])
export class FailureCountRow {
  @PrimaryColumn('varchar', { length: 64 })
  key!: string;

  @Column('bigint', { transformer: wholeNumber })
  points!: number;

  @Column('bigint', { transformer: wholeNumber })
  expire!: number;
}

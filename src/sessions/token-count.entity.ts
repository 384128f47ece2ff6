import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { wholeNumber } from '../database/columns/column-types.js';

/** How many tokens a client got on one day. */
@Entity('token_count')
@Index('token_count_by_day', ['day'])
export class TokenCountRow {
  @PrimaryColumn('varchar', { name: 'client_id', length: 64 })
  clientId!: string;

  /** Since 1970, in UTC. */
  @PrimaryColumn('bigint', { transformer: wholeNumber })
  day!: number;

  @Column('bigint', { transformer: wholeNumber })
  tokens!: number;
}

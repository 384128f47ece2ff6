import { Column, Entity, PrimaryColumn } from 'typeorm';
import { wholeNumber } from '../../database/columns/column-types.js';

/** How much of a quota is used: by a client, or by a workload within one. */
@Entity('token_quota_use')
export class TokenQuotaUseRow {
  @PrimaryColumn('varchar', { name: 'client_id', length: 64 })
  clientId!: string;

  @Column('bigint', { name: 'hour_start', transformer: wholeNumber })
  hourStart!: number;

  @Column('bigint', { name: 'hour_used', transformer: wholeNumber })
  hourUsed!: number;

  @Column('bigint', { name: 'day_start', transformer: wholeNumber })
  dayStart!: number;

  @Column('bigint', { name: 'day_used', transformer: wholeNumber })
  dayUsed!: number;
}

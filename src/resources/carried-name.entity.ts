import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { wholeNumber } from '../database/columns/column-types.js';

/** A bare name in JWTs of a client for several audiences, in one of them that has no such operation. */
@Entity('carried_name')
@Index('carried_name_by_ends_at', ['endsAt'])
export class CarriedNameRow {
  /** In its normalized spelling. */
  @PrimaryColumn('varchar', { length: 256 })
  audience!: string;

  /** Empty: any name. */
  @PrimaryColumn('varchar', { length: 256 })
  operation!: string;

  @PrimaryColumn('varchar', { name: 'client_id', length: 64 })
  clientId!: string;

  /** Epoch milliseconds: no JWT that is recorded by this row lives longer. */
  @Column('bigint', { name: 'ends_at', transformer: wholeNumber })
  endsAt!: number;
}

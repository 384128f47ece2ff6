import { Column, Entity, PrimaryColumn } from 'typeorm';
import { wholeNumber } from '../database/columns/column-types.js';

/**
 * Orders the writes that give names to audiences and the records of carried names: both change this row, the only one
 * of its table.
 */
@Entity('name_claim')
export class NameClaimRow {
  @PrimaryColumn('bigint', { transformer: wholeNumber })
  id!: number;

  /** The number of these writes. */
  @Column('bigint', { transformer: wholeNumber })
  claims!: number;

  /** The number of records. */
  @Column('bigint', { transformer: wholeNumber })
  records!: number;
}

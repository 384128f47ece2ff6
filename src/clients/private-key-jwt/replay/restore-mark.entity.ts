import { Column, Entity, PrimaryColumn } from 'typeorm';
import { wholeNumber } from '../../../database/columns/column-types.js';

/** When the database was last restored from a backup; the table has one row. */
@Entity('restore_mark')
export class RestoreMarkRow {
  @PrimaryColumn('bigint', { transformer: wholeNumber })
  id!: number;

  /** Epoch milliseconds; 0: never. */
  @Column('bigint', { name: 'restored_at', transformer: wholeNumber })
  restoredAt!: number;
}

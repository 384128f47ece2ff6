import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { wholeNumber } from '../database/columns/column-types.js';

/** What the name of an operation meant in an audience before a write, or took part in meaning. */
@Entity('former_operation')
@Index('former_operation_by_left_at', ['leftAt'])
@Index('former_operation_by_operation', ['operation'])
@Index('former_operation_by_resource_id', ['resourceId'])
export class FormerOperationRow {
  @PrimaryColumn('varchar', { length: 255 })
  audience!: string;

  @PrimaryColumn('varchar', { length: 256 })
  operation!: string;

  @PrimaryColumn('varchar', { name: 'resource_id', length: 64 })
  resourceId!: string;

  /** Epoch milliseconds; later if a write shares its millisecond with others, so that times order the writes. */
  @Column('bigint', { name: 'left_at', transformer: wholeNumber })
  leftAt!: number;
}

import { Column, Entity, PrimaryColumn } from 'typeorm';
import { wholeNumber } from '../../database/columns/column-types.js';

/** Since when uses of scope items are recorded; the table has one row. */
@Entity('scope_use_watch')
export class ScopeUseWatchRow {
  @PrimaryColumn('bigint', { transformer: wholeNumber })
  id!: number;

  @Column('bigint', { name: 'started_at', transformer: wholeNumber })
  startedAt!: number;
}

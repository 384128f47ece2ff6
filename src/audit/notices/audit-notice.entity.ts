import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { wholeNumber } from '../../database/columns/column-types.js';

/** A notice that was recorded, so that no process records it again. */
@Entity('audit_notice')
@Index('audit_notice_by_kept_until', ['keptUntil'])
export class AuditNoticeRow {
  @PrimaryColumn('varchar', { length: 64 })
  id!: string;

  @Column('bigint', { name: 'kept_until', transformer: wholeNumber })
  keptUntil!: number;
}

import { Column, Entity, PrimaryColumn } from 'typeorm';
import { wholeNumber } from '../../database/columns/column-types.js';

/** The last session whose issuance is audited; the table has one row. */
@Entity('audit_scan')
export class AuditScanRow {
  @PrimaryColumn('bigint', { transformer: wholeNumber })
  id!: number;

  @Column('varchar', { name: 'session_id', length: 64 })
  sessionId!: string;
}

import { Column, Entity, PrimaryColumn } from 'typeorm';
import { wholeNumber } from '../../database/columns/column-types.js';

/** The last event of the chain; the table has one row. */
@Entity('audit_head')
export class AuditHeadRow {
  @PrimaryColumn('bigint', { transformer: wholeNumber })
  id!: number;

  /** Changed first by each append, so that appends take turns. */
  @Column('bigint', { transformer: wholeNumber })
  turns!: number;

  @Column('bigint', { transformer: wholeNumber })
  sequence!: number;

  @Column('varchar', { length: 64 })
  hash!: string;

  @Column('varchar', { length: 64 })
  seal!: string;
}

/** The last event that was removed; the chain begins after it. The table has one row. */
@Entity('audit_anchor')
export class AuditAnchorRow {
  @PrimaryColumn('bigint', { transformer: wholeNumber })
  id!: number;

  @Column('bigint', { transformer: wholeNumber })
  sequence!: number;

  @Column('bigint', { name: 'occurred_at', transformer: wholeNumber })
  occurredAt!: number;

  @Column('varchar', { length: 64 })
  hash!: string;

  @Column('varchar', { length: 64 })
  seal!: string;
}

/** A key of the chain, sealed under the master key. */
@Entity('audit_key')
export class AuditKeyRow {
  @PrimaryColumn('varchar', { length: 64 })
  id!: string;

  @Column('text')
  sealed!: string;

  @Column('bigint', { name: 'created_at', transformer: wholeNumber })
  createdAt!: number;
}

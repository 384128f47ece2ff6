import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { wholeNumber } from '../database/columns/column-types.js';

/** One event of the chain. */
@Entity('audit_event')
@Index('audit_event_by_id', ['id'])
@Index('audit_event_by_occurred_at_id', ['occurredAt', 'id'])
@Index('audit_event_by_client_id_occurred_at', ['clientId', 'occurredAt'])
@Index('audit_event_by_agent_id_occurred_at', ['agentId', 'occurredAt'])
@Index('audit_event_by_action', ['action'])
export class AuditEventRow {
  @PrimaryColumn('bigint', { transformer: wholeNumber })
  sequence!: number;

  @Column('varchar', { length: 64 })
  id!: string;

  @Column('bigint', { name: 'occurred_at', transformer: wholeNumber })
  occurredAt!: number;

  @Column('varchar', { length: 32 })
  action!: string;

  @Column('varchar', { length: 16 })
  outcome!: string;

  @Column('varchar', { name: 'client_id', length: 64, nullable: true })
  clientId!: string | null;

  @Column('varchar', { name: 'agent_id', length: 64, nullable: true })
  agentId!: string | null;

  @Column('varchar', { name: 'agent_session_id', length: 64, nullable: true })
  agentSessionId!: string | null;

  @Column('varchar', { length: 64, nullable: true })
  address!: string | null;

  @Column('varchar', { name: 'target_type', length: 32, nullable: true })
  targetType!: string | null;

  @Column('varchar', { name: 'target_id', length: 64, nullable: true })
  targetId!: string | null;

  /** As JSON. */
  @Column('text')
  detail!: string;

  @Column('varchar', { name: 'previous_hash', length: 64 })
  previousHash!: string;

  @Column('varchar', { length: 64 })
  hash!: string;
}

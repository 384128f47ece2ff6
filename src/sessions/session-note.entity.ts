import { Column, Entity, PrimaryColumn } from 'typeorm';
import { wholeNumber } from '../database/columns/column-types.js';

/** A change of a session that the audit has not recorded yet. */
@Entity('session_note')
export class SessionNoteRow {
  @PrimaryColumn('varchar', { length: 64 })
  id!: string;

  /** `closing` or `late`. */
  @Column('varchar', { length: 16 })
  kind!: string;

  @Column('varchar', { name: 'session_id', length: 64 })
  sessionId!: string;

  @Column('varchar', { name: 'client_id', length: 64 })
  clientId!: string;

  @Column('bigint', { name: 'noted_at', transformer: wholeNumber })
  notedAt!: number;

  @Column('varchar', { length: 32, nullable: true })
  reason!: string | null;

  @Column('varchar', { name: 'agent_id', length: 64, nullable: true })
  agentId!: string | null;

  @Column('varchar', { name: 'agent_session_id', length: 64, nullable: true })
  agentSessionId!: string | null;

  @Column('varchar', { length: 64, nullable: true })
  address!: string | null;
}

import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { wholeNumber } from '../../database/columns/column-types.js';

/** A link that was made and not opened. The secret that it gives does not exist yet. */
@Entity('hand_over')
@Index('hand_over_by_client_id', ['clientId'])
@Index('hand_over_by_expires_at', ['expiresAt'])
export class HandOver {
  /** SHA-256 of the handle in the link. */
  @PrimaryColumn('varchar', { length: 64 })
  id!: string;

  @Column('varchar', { name: 'client_id', length: 64 })
  clientId!: string;

  /** Of the secret that opening the link makes. */
  @Column('varchar', { name: 'secret_id', length: 64 })
  secretId!: string;

  @Column('varchar', { length: 255, nullable: true })
  description!: string | null;

  @Column('bigint', { name: 'secret_expires_at', nullable: true, transformer: wholeNumber })
  secretExpiresAt!: number | null;

  /** The client of the administrator. */
  @Column('varchar', { name: 'made_by', length: 64 })
  madeBy!: string;

  @Column('bigint', { name: 'created_at', transformer: wholeNumber })
  createdAt!: number;

  @Column('bigint', { name: 'expires_at', transformer: wholeNumber })
  expiresAt!: number;
}

import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { wholeNumber } from '../database/columns/column-types.js';

/** One hashed secret of a client; a separate table, so that no view of a client can include it. */
@Entity('client_secret')
@Index('client_secret_by_client_id', ['clientId'])
@Index('client_secret_by_expires_at', ['expiresAt'])
export class ClientSecret {
  @PrimaryColumn('varchar', { length: 64 })
  id!: string;

  @Column('varchar', { name: 'client_id', length: 64 })
  clientId!: string;

  /** The pepper of a keyed hash; null for argon2id and imported hashes, whose encoded form includes their parameters. */
  @Column('varchar', { name: 'pepper_id', length: 64, nullable: true })
  pepperId!: string | null;

  @Column('varchar', { length: 255 })
  digest!: string;

  @Column('varchar', { length: 255, nullable: true })
  description!: string | null;

  @Column('bigint', { name: 'created_at', transformer: wholeNumber })
  createdAt!: number;

  @Column('bigint', { name: 'expires_at', nullable: true, transformer: wholeNumber })
  expiresAt!: number | null;
}

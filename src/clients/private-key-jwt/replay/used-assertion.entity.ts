import { Column, Entity, PrimaryColumn } from 'typeorm';
import { wholeNumber } from '../../../database/columns/column-types.js';

/** An assertion that was accepted, kept until it expires. */
@Entity('used_assertion')
export class UsedAssertionRow {
  /** A digest of its issuer and `jti`. */
  @PrimaryColumn('varchar', { length: 64 })
  id!: string;

  @Column('bigint', { name: 'expires_at', transformer: wholeNumber })
  expiresAt!: number;
}

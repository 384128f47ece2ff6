import { Column, Entity, PrimaryColumn } from 'typeorm';
import { json, wholeNumber } from '../../database/column-types.js';
import type { AssertionAlg } from '../../protocol/client-assertion.js';
import type { PublicKeySet } from '../private-key-jwt/public-key.js';
import type { Admission, Replay, TrustedIssuer } from './trusted-issuer.js';

@Entity('trusted_issuer')
export class TrustedIssuerRow implements TrustedIssuer {
  @PrimaryColumn('varchar', { length: 64 })
  id!: string;

  @Column('bigint', { transformer: wholeNumber })
  version!: number;

  @Column('bigint', { name: 'created_at', transformer: wholeNumber })
  createdAt!: number;

  @Column('bigint', { name: 'updated_at', transformer: wholeNumber })
  updatedAt!: number;

  @Column('varchar', { length: 255, nullable: true })
  name!: string | null;

  /** The name in lower case, since the engines fold case differently. */
  @Column('varchar', { name: 'name_folded', length: 512 })
  nameFolded!: string;

  @Column('text', { nullable: true })
  description!: string | null;

  @Column('varchar', { length: 255 })
  issuer!: string;

  @Column('text', { nullable: true, transformer: json })
  jwks!: PublicKeySet | null;

  @Column('text', { name: 'jwks_uri', nullable: true })
  jwksUri!: string | null;

  @Column('text', { nullable: true })
  ca!: string | null;

  @Column('text', { nullable: true, transformer: json })
  algs!: AssertionAlg[] | null;

  @Column('text', { nullable: true, transformer: json })
  audiences!: string[] | null;

  @Column('bigint', { name: 'max_lifetime_seconds', nullable: true, transformer: wholeNumber })
  maxLifetimeSeconds!: number | null;

  @Column('varchar', { length: 16 })
  replay!: Replay;

  @Column('boolean')
  shared!: boolean;

  @Column('text', { transformer: json })
  pins!: string[];

  @Column('text', { nullable: true, transformer: json })
  admits!: Admission[] | null;
}

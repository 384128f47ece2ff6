import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { SigningAlg } from '../../packages/protocol/src/signing-alg.js';
import { json, wholeNumber } from '../database/columns/column-types.js';
import type { PublicJwk } from './public-jwk.js';

/** A signing key at rest: the public key with its certificate in clear, the private key sealed. */
@Entity('signing_key')
export class SigningKeyRow {
  @PrimaryColumn('varchar', { length: 64 })
  kid!: string;

  @Column('varchar', { length: 16 })
  alg!: SigningAlg;

  /** PKCS #8, sealed. */
  @Column('text', { name: 'sealed_private_key' })
  sealedPrivateKey!: string;

  @Column('text', { name: 'public_jwk', transformer: json })
  publicJwk!: PublicJwk;

  @Column('bigint', { name: 'created_at', transformer: wholeNumber })
  createdAt!: number;

  /** When it begins to sign; until then it is only published. It signs until the next key of its algorithm does. */
  @Column('bigint', { name: 'signs_from', transformer: wholeNumber })
  signsFrom!: number;

  /** When it was retired without a successor, because its algorithm was no longer used; it never signs again. */
  @Column('bigint', { name: 'retired_at', nullable: true, transformer: wholeNumber })
  retiredAt!: number | null;
}

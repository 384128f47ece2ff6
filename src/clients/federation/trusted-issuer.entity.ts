import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { json, wholeNumber } from '../../database/columns/column-types.js';
import type { AssertionAlg } from '../../protocol/client-assertion.js';
import type { PublicKeySet } from '../private-key-jwt/keys/public-key.js';
import type { Admission, Replay, TrustedIssuer } from './trusted-issuer.js';

@Entity('trusted_issuer')
@Index('trusted_issuer_by_issuer', ['issuer'])
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

/** A rule of a client, by the issuer and the part of its claims that finds it. */
@Entity('federated_rule')
@Index('federated_rule_by_issuer_id_anchor', ['issuerId', 'anchor'])
export class FederatedRuleRow {
  @PrimaryColumn('varchar', { name: 'client_id', length: 64 })
  clientId!: string;

  /** The place of the rule among those of its client. */
  @PrimaryColumn('bigint', { transformer: wholeNumber })
  place!: number;

  @Column('varchar', { name: 'issuer_id', length: 64 })
  issuerId!: string;

  @Column('varchar', { length: 64 })
  anchor!: string;
}

import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { json, wholeNumber } from '../database/columns/column-types.js';
import type { Claims } from '../protocol/claims.js';
import type { AssertionAudience } from '../protocol/client-assertion.js';
import type { ClientAuthMethod } from '../protocol/client-auth-method.js';
import type { ClientGrantType } from '../protocol/grant-type.js';
import type { ClientCredentialsSettings, DescribedClient, TokenQuota } from './client.js';
import type { FederatedRule } from './federation/trusted-issuer.js';
import type { PublicKeySet } from './private-key-jwt/keys/public-key.js';

@Entity('client')
@Index('client_by_owner', ['owner'])
@Index('client_by_expires_at', ['expiresAt'])
export class ClientRow implements DescribedClient {
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

  @Column('varchar', { length: 255, nullable: true })
  owner!: string | null;

  @Column('text', { nullable: true, transformer: json })
  labels!: Record<string, string> | null;

  @Column('boolean')
  active!: boolean;

  @Column('bigint', { name: 'expires_at', nullable: true, transformer: wholeNumber })
  expiresAt!: number | null;

  @Column('text', { name: 'grant_types', transformer: json })
  grantTypes!: ClientGrantType[];

  @Column('varchar', { name: 'token_endpoint_auth_method', length: 32, nullable: true })
  tokenEndpointAuthMethod!: ClientAuthMethod | null;

  @Column('text', { nullable: true, transformer: json })
  jwks!: PublicKeySet | null;

  @Column('text', { name: 'jwks_uri', nullable: true })
  jwksUri!: string | null;

  @Column('varchar', { name: 'assertion_audience', length: 16, nullable: true })
  assertionAudience!: AssertionAudience | null;

  @Column('text', { nullable: true, transformer: json })
  federated!: FederatedRule[] | null;

  @Column('text', { name: 'client_credentials', transformer: json })
  clientCredentials!: ClientCredentialsSettings;

  @Column('text', { name: 'token_quota', nullable: true, transformer: json })
  tokenQuota!: TokenQuota | null;

  @Column('text', { nullable: true, transformer: json })
  claims!: Claims | null;

  @Column('bigint', { name: 'session_generation', transformer: wholeNumber })
  sessionGeneration!: number;

  /** Applies to sessions from before generations existed; no longer written. */
  @Column('bigint', { name: 'sessions_closed_before', transformer: wholeNumber })
  sessionsClosedBefore!: number;
}

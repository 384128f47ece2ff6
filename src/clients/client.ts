import type { SigningAlg } from '../../packages/protocol/src/signing-alg.js';
import type { TokenFormat } from '../../packages/protocol/src/token-format.js';
import type { Claims } from '../protocol/claims.js';
import type { AssertionAudience } from '../protocol/client-assertion.js';
import type { ClientAuthMethod } from '../protocol/client-auth-method.js';
import type { ClientGrantType, TokenProfile } from '../protocol/grant-type.js';
import type { FederatedRule } from './federation/trusted-issuer.js';
import type { PublicKeySet } from './private-key-jwt/keys/public-key.js';

/** Settings of a client's tokens; absent ones are taken from the dialect and the resources. */
export interface ClientCredentialsSettings {
  tokenFormat?: TokenFormat;
  accessTokenExpirationSeconds?: number;
  refreshToken?: boolean;
  /** Counted from the last use. */
  refreshTokenExpirationSeconds?: number;
  refreshTokenReuseGraceSeconds?: number;
  /** The audiences that the client may request, the first being the default; absent: any that policies allow. */
  audience?: string[];
  signingAlg?: SigningAlg;
  profile?: TokenProfile;
}

/** The maximum number of access tokens per hour and per day (UTC); at least one of the two is set. */
export interface TokenQuota {
  perHour?: number;
  perDay?: number;
  /** false: tokens are counted and reported, but never rejected. */
  enforce: boolean;
}

/** A registered client, without its secrets. */
export interface Client {
  id: string;
  version: number;
  createdAt: number;
  updatedAt: number;
  name: string | null;
  active: boolean;
  /** From then on it is as good as disabled; null: never. */
  expiresAt: number | null;
  grantTypes: ClientGrantType[];
  tokenEndpointAuthMethod: ClientAuthMethod | null;
  /** The keys of its assertions, by value or by URL; exactly one of the two, and only with private_key_jwt. */
  jwks: PublicKeySet | null;
  jwksUri: string | null;
  assertionAudience: AssertionAudience | null;
  /** Tokens of trusted issuers that authenticate it as well, whatever its method; null: none. */
  federated: FederatedRule[] | null;
  clientCredentials: ClientCredentialsSettings;
  tokenQuota: TokenQuota | null;
  /** Of all its tokens. */
  claims: Claims | null;
  /** Sessions of any other generation are closed, however many there are. */
  sessionGeneration: number;
}

/** The same with members that only people and searches read. */
export interface DescribedClient extends Client {
  description: string | null;
  /** Who is responsible for it, in the words of the operator. */
  owner: string | null;
  labels: Readonly<Record<string, string>> | null;
}

/** Whether the client's list of audiences permits this one. */
export const permitsAudience = (
  { clientCredentials }: Pick<Client, 'clientCredentials'>,
  audience: string,
): boolean => clientCredentials.audience?.includes(audience) ?? true;

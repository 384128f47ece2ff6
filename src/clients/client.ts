import type { AssertionAudience } from '../protocol/client-assertion.js';
import type { ClientAuthMethod } from '../protocol/client-auth-method.js';
import type { ClientGrantType, TokenFormat, TokenProfile } from '../protocol/grant-type.js';
import type { SigningAlg } from '../protocol/signing-alg.js';
import type { PublicKeySet } from './private-key-jwt/public-key.js';

/** What a client's tokens are like; whatever is absent is left to the dialect and to the resources. */
export interface ClientCredentialsSettings {
  tokenFormat?: TokenFormat;
  accessTokenExpirationSeconds?: number;
  refreshToken?: boolean;
  /** Counted from the last use. */
  refreshTokenExpirationSeconds?: number;
  refreshTokenReuseGraceSeconds?: number;
  /** The audiences that the client may ask for, the first its default; absent: any that is allowed. */
  audience?: string[];
  signingAlg?: SigningAlg;
  profile?: TokenProfile;
}

/** How many access tokens a client may have in an hour and in a day, by UTC; one of the two at least. */
export interface TokenQuota {
  perHour?: number;
  perDay?: number;
  /** false: the tokens are counted and told, and none is refused. */
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
  grantTypes: ClientGrantType[];
  tokenEndpointAuthMethod: ClientAuthMethod | null;
  /** The keys of its assertions, as they are or where it publishes them; one of the two with private_key_jwt alone. */
  jwks: PublicKeySet | null;
  jwksUri: string | null;
  assertionAudience: AssertionAudience | null;
  clientCredentials: ClientCredentialsSettings;
  tokenQuota: TokenQuota | null;
  /** Sessions of any other generation are closed, however many there are. */
  sessionGeneration: number;
}

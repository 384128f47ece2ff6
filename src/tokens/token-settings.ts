import type { Client } from '../clients/client.js';
import type { TokenFormat, TokenProfile } from '../protocol/grant-type.js';
import { DEFAULT_SIGNING_ALG, type SigningAlg } from '../protocol/signing-alg.js';
import type { Resource } from '../resources/resource.js';
import type { Dialect } from './dialects/dialect.js';

const DEFAULT_LIFETIME_SECONDS = 3600;
const LONGEST_LIFETIME_SECONDS = 30 * 24 * 3600;

export interface TokenSettings {
  lifetimeSeconds: number;
  format: TokenFormat;
  profile: TokenProfile;
  alg: SigningAlg;
}

/** What one token is like: the resources it is for come before the client, the client before the door. */
export function settleToken(client: Client, resources: readonly Resource[], dialect: Dialect): TokenSettings {
  const own = client.clientCredentials;
  const asked = resources.map(({ token }) => token);
  const lifetimes = [own, ...asked].flatMap(({ accessTokenExpirationSeconds: seconds }) => seconds ?? []);
  const profiles = asked.flatMap(({ profile }) => profile ?? []);
  return {
    lifetimeSeconds: Math.min(
      LONGEST_LIFETIME_SECONDS,
      lifetimes.length > 0 ? Math.min(...lifetimes) : DEFAULT_LIFETIME_SECONDS,
    ),
    format: own.tokenFormat ?? dialect.tokenFormat,
    profile: profiles.includes('classic') ? 'classic' : (profiles[0] ?? own.profile ?? dialect.profile),
    alg: asked.find(({ signingAlg }) => signingAlg)?.signingAlg ?? own.signingAlg ?? DEFAULT_SIGNING_ALG,
  };
}

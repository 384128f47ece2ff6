import { DEFAULT_SIGNING_ALG, type SigningAlg } from '../../../packages/protocol/src/signing-alg.js';
import type { TokenFormat } from '../../../packages/protocol/src/token-format.js';
import type { Client } from '../../clients/client.js';
import type { ResourceProfile, TokenProfile } from '../../protocol/grant-type.js';
import type { Resource } from '../../resources/resource.js';
import type { Dialect } from '../dialects/dialect.js';

const DEFAULT_LIFETIME_SECONDS = 3600;
const MAX_LIFETIME_SECONDS = 30 * 24 * 3600;

export interface TokenSettings {
  lifetimeSeconds: number;
  format: TokenFormat;
  profile: TokenProfile;
  alg: SigningAlg;
}

/** The settings of one token: those of its resources take precedence over those of the client, then of the dialect. */
export function settleToken(client: Client, resources: readonly Resource[], dialect: Dialect): TokenSettings {
  const own = client.clientCredentials;
  const settings = resources.map(({ token }) => token);
  const profiles = settings.flatMap(({ profile }) => (profile === undefined ? [] : typ(profile)));
  return {
    lifetimeSeconds: lifetimeOf(own.accessTokenExpirationSeconds, resources),
    format: own.tokenFormat ?? dialect.tokenFormat,
    profile: profiles.includes('classic') ? 'classic' : (profiles[0] ?? own.profile ?? dialect.profile),
    alg: settings.find(({ signingAlg }) => signingAlg)?.signingAlg ?? own.signingAlg ?? DEFAULT_SIGNING_ALG,
  };
}

const typ = (profile: ResourceProfile): TokenProfile =>
  profile === 'classic' || profile === 'classic_authz' ? 'classic' : 'rfc9068';

/** The shortest that is set. An audience whose resources set none has the default, which no other can extend. */
function lifetimeOf(own: number | undefined, resources: readonly Resource[]): number {
  const setting = resources.filter(({ token }) => token.accessTokenExpirationSeconds !== undefined);
  const lifetimes = [own, ...setting.map(({ token }) => token.accessTokenExpirationSeconds)];
  const settled = new Set(setting.map(({ audience }) => audience));
  const usesDefault = setting.length === 0 || resources.some(({ audience }) => !settled.has(audience));
  if (own === undefined && usesDefault) lifetimes.push(DEFAULT_LIFETIME_SECONDS);
  return Math.min(MAX_LIFETIME_SECONDS, ...lifetimes.filter((seconds) => seconds !== undefined));
}

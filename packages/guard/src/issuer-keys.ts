import { createRemoteJWKSet, customFetch, errors, type JWTVerifyGetKey, type RemoteJWKSet } from 'jose';
import type { IssuerMetadata } from './issuer-metadata.js';
import type { Settings } from './options.js';
import { unavailable } from './refusal.js';

/**
 * An unknown key triggers an immediate refetch, because the server generates keys at first use; this cooldown keeps
 * invented key ids from flooding the server with requests.
 */
const REFETCH_COOLDOWN_MS = 1_000;

/** The public keys of one issuer, located through its metadata and cached by jose. */
export class IssuerKeys {
  private keySet: RemoteJWKSet | undefined;

  constructor(
    private readonly metadata: IssuerMetadata,
    private readonly settings: Settings,
  ) {}

  readonly find: JWTVerifyGetKey = async (header, token) => {
    const keySet = this.keySet ?? (await this.locate());
    try {
      return await keySet(header, token);
    } catch (error) {
      throw isTokensFault(error) ? error : unavailable('the key set cannot be read', error);
    }
  };

  private async locate(): Promise<RemoteJWKSet> {
    const url = this.settings.jwksUri ?? (await this.metadata.endpoint('jwks_uri'));
    // Concurrent first requests share one set: the first to get here creates it.
    this.keySet ??= this.remoteSet(url);
    return this.keySet;
  }

  private remoteSet(url: URL): RemoteJWKSet {
    const { fetch, timeoutSeconds, keyCacheSeconds } = this.settings;
    return createRemoteJWKSet(url, {
      timeoutDuration: Math.ceil(timeoutSeconds * 1000),
      cooldownDuration: REFETCH_COOLDOWN_MS,
      cacheMaxAge: keyCacheSeconds * 1000,
      [customFetch]: fetch,
    });
  }
}

const isTokensFault = (error: unknown): boolean =>
  error instanceof errors.JWKSNoMatchingKey ||
  error instanceof errors.JWKSMultipleMatchingKeys ||
  error instanceof errors.JOSENotSupported;

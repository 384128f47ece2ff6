import { createRemoteJWKSet, customFetch, errors, type JWTVerifyGetKey, type RemoteJWKSet } from 'jose';
import type { IssuerMetadata } from './issuer-metadata.js';
import type { Settings } from './options.js';
import { unavailable } from './refusal.js';

/**
 * A key that is not in the set is looked for again at once, unless the set was read less than this ago: a server makes a
 * key when it is first needed, and an attacker's invented keys must not become a flood of requests to it.
 */
const RELOAD_PAUSE_MS = 1_000;

/** The public keys of one issuer, found by its metadata and kept by jose. */
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
    // The first requests come together and share one set: whoever was first has made it.
    this.keySet ??= this.remoteSet(url);
    return this.keySet;
  }

  private remoteSet(url: URL): RemoteJWKSet {
    const { fetch, timeoutSeconds, keyCacheSeconds } = this.settings;
    return createRemoteJWKSet(url, {
      timeoutDuration: Math.ceil(timeoutSeconds * 1000),
      cooldownDuration: RELOAD_PAUSE_MS,
      cacheMaxAge: keyCacheSeconds * 1000,
      [customFetch]: fetch,
    });
  }
}

const isTokensFault = (error: unknown): boolean =>
  error instanceof errors.JWKSNoMatchingKey ||
  error instanceof errors.JWKSMultipleMatchingKeys ||
  error instanceof errors.JOSENotSupported;

import { Injectable } from '@nestjs/common';
import { Settings } from '../../../config/settings.js';
import { parseJson } from '../../../protocol/json-text.js';
import { ConcurrencyLimiter } from '../../../runtime/concurrency-limiter.js';
import type { KeySource } from '../keys/key-source.js';
import type { PublicKeySet } from '../keys/public-key.js';
import { usableKeys } from '../keys/public-key-set.js';
import { JwksDownload } from './jwks-download.js';
import { JwksUnavailable } from './jwks-unavailable.js';
import { jwksUriFault } from './jwks-uri.js';
import { PerHostLimiter } from './per-host-limiter.js';

/** Each waits for the network and holds one socket and at most 64 KiB. */
const MAX_CONCURRENT = 256;
const MAX_CONCURRENT_DOUBTED = 32;
const MAX_WAITING = 1024;
const MAX_WAIT_MS = 3000;

/**
 * Fetches the JWK Sets that clients and trusted issuers publish. Slow servers do not delay the others: one host gets at most half of the
 * slots, and URLs whose last fetch failed have slots of their own.
 */
@Injectable()
export class JwksFetcher {
  private readonly limiter = new ConcurrencyLimiter(MAX_CONCURRENT, { maxWaiting: MAX_WAITING });
  private readonly doubtedLimiter = new ConcurrencyLimiter(MAX_CONCURRENT_DOUBTED, {
    maxWaiting: MAX_WAITING,
  });
  private readonly hosts = new PerHostLimiter(
    () => new ConcurrencyLimiter(MAX_CONCURRENT / 2, { maxWaiting: MAX_WAITING }),
  );
  private readonly downloads: JwksDownload;

  constructor(private readonly settings: Settings) {
    this.downloads = new JwksDownload(settings.allowPrivateJwksUri);
  }

  /**
   * Throws JwksUnavailable, or TemporarilyUnavailable when too many other fetches are waiting. `doubted`: the last fetch
   * failed.
   */
  async fetch(source: KeySource, doubted: boolean): Promise<PublicKeySet> {
    const url = this.permitted(source.uri);
    const download = () => this.download(url, source);
    const until = performance.now() + MAX_WAIT_MS;
    const remaining = () => until - performance.now();
    if (doubted) return this.doubtedLimiter.run(download, remaining());
    return this.hosts.run(url.host, () => this.limiter.run(download, remaining()), remaining());
  }

  private async download(url: URL, { issuer, ca, use }: KeySource): Promise<PublicKeySet> {
    const first = readJson(await this.downloads.run(url, ca));
    const published =
      issuer === undefined
        ? first
        : readJson(await this.downloads.run(this.permitted(jwksUriOf(first, issuer)), ca));
    const keys = usableKeys(published, use);
    if (!keys) throw new JwksUnavailable('not a JWK Set');
    return keys;
  }

  /** The setting may have changed since the URL was registered, and metadata may name any. */
  private permitted(uri: unknown): URL {
    if (jwksUriFault(uri, this.settings.allowPrivateJwksUri)) throw new JwksUnavailable('not permitted');
    return new URL(uri as string);
  }
}

/** OpenID Connect Discovery 4.3: the metadata of another issuer must not be used. */
function jwksUriOf(metadata: unknown, issuer: string): unknown {
  const { issuer: named, jwks_uri: uri } = (metadata ?? {}) as { issuer?: unknown; jwks_uri?: unknown };
  if (named !== issuer) throw new JwksUnavailable('metadata of another issuer');
  return uri;
}

function readJson(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    throw new JwksUnavailable('not JSON');
  }
}

import { Injectable } from '@nestjs/common';
import { Settings } from '../../config/settings.js';
import { parseJson } from '../../protocol/json-text.js';
import { ConcurrencyLimiter } from '../../runtime/concurrency-limiter.js';
import { JwksDownload } from './jwks-download.js';
import { JwksUnavailable } from './jwks-unavailable.js';
import { jwksUriFault } from './jwks-uri.js';
import { PerHostLimiter } from './per-host-limiter.js';
import type { PublicKeySet } from './public-key.js';
import { usableKeys } from './public-key-set.js';

/** Each waits for the network and holds one socket and at most 64 KiB. */
const MAX_CONCURRENT = 256;
const MAX_CONCURRENT_DOUBTED = 32;
const MAX_WAITING = 1024;
const MAX_WAIT_MS = 3000;

/**
 * Fetches the JWK Sets that clients publish. Slow servers do not delay the others: one host gets at most half of the
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
  async fetch(uri: string, doubted: boolean): Promise<PublicKeySet> {
    // The setting may have changed since the URL was registered.
    if (jwksUriFault(uri, this.settings.allowPrivateJwksUri)) throw new JwksUnavailable('not permitted');
    const url = new URL(uri);
    const download = async () => readKeySet(await this.downloads.run(url));
    const until = performance.now() + MAX_WAIT_MS;
    const remaining = () => until - performance.now();
    if (doubted) return this.doubtedLimiter.run(download, remaining());
    return this.hosts.run(url.host, () => this.limiter.run(download, remaining()), remaining());
  }
}

function readKeySet(text: string): PublicKeySet {
  let set: unknown;
  try {
    set = parseJson(text);
  } catch {
    throw new JwksUnavailable('not JSON');
  }
  const keys = usableKeys(set);
  if (!keys) throw new JwksUnavailable('not a JWK Set');
  return keys;
}

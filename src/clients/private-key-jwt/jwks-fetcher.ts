import { Injectable } from '@nestjs/common';
import { Settings } from '../../config/settings.js';
import { SlowLane } from '../../crypto/slow-lane.js';
import { parseJson } from '../../protocol/json-text.js';
import { TemporarilyUnavailable } from '../../protocol/unavailable.js';
import { JwksDownload } from './jwks-download.js';
import { JwksUnavailable } from './jwks-unavailable.js';
import { jwksUriFault } from './jwks-uri.js';
import { PerHostLimiter } from './per-host-limiter.js';
import type { PublicKeySet } from './public-key.js';
import { usableKeys } from './public-key-set.js';

/** They wait for the network and hold a socket and at most 64 KiB each. */
const AT_ONCE = 256;
const DOUBTED_AT_ONCE = 32;
const MAX_WAITING = 1024;
const MAX_WAIT_MS = 3000;

const tooMany = () => new TemporarilyUnavailable();

/**
 * Fetches the JWK Sets that clients publish, and keeps those that answer slowly from delaying the others: one host has
 * no more than half of the places, and addresses that failed last time have places of their own.
 */
@Injectable()
export class JwksFetcher {
  private readonly lane = new SlowLane(AT_ONCE, MAX_WAITING, tooMany);
  private readonly doubtedLane = new SlowLane(DOUBTED_AT_ONCE, MAX_WAITING, tooMany);
  private readonly hosts = new PerHostLimiter(() => new SlowLane(AT_ONCE / 2, MAX_WAITING, tooMany));
  private readonly downloads: JwksDownload;

  constructor(private readonly settings: Settings) {
    this.downloads = new JwksDownload(settings.allowPrivateJwksUri);
  }

  /**
   * Throws JwksUnavailable, or TemporarilyUnavailable when it would have to wait for too many others. `doubted` says
   * that the last attempt failed.
   */
  async fetch(uri: string, doubted: boolean): Promise<PublicKeySet> {
    // The setting may have changed since the address was registered.
    if (jwksUriFault(uri, this.settings.allowPrivateJwksUri)) throw new JwksUnavailable('not permitted');
    const url = new URL(uri);
    const download = async () => readKeySet(await this.downloads.run(url));
    const until = performance.now() + MAX_WAIT_MS;
    const left = () => until - performance.now();
    if (doubted) return this.doubtedLane.run(download, left());
    return this.hosts.run(url.host, () => this.lane.run(download, left()), left());
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

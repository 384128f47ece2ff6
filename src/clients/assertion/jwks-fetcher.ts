import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { Injectable } from '@nestjs/common';
import { RequestFilteringHttpAgent, RequestFilteringHttpsAgent } from 'request-filtering-agent';
import { Settings } from '../../config/settings.js';
import { SlowLane } from '../../crypto/slow-lane.js';
import { TemporarilyUnavailable } from '../../protocol/unavailable.js';
import { jwksUriFault } from './jwks-uri.js';
import type { PublicKeySet } from './public-key.js';
import { usableKeys } from './public-key-set.js';

const LONGEST_MILLISECONDS = 3000;
const LARGEST_BYTES = 64 * 1024;
const AT_ONCE = 16;
const MOST_WAITING = 64;

/** Why a JWK Set could not be had; its message names no address and no content. */
export class JwksUnavailable extends Error {}

/**
 * Fetches the JWK Sets that clients publish: bounded in time, size and number, without redirects. The agents look at
 * each address that is connected to, so that a name cannot lead to loopback, link-local or private addresses.
 */
@Injectable()
export class JwksFetcher {
  private readonly lane = new SlowLane(AT_ONCE, MOST_WAITING, () => new TemporarilyUnavailable());
  private readonly agents: { 'http:': http.Agent; 'https:': https.Agent };

  constructor(private readonly settings: Settings) {
    const allow = settings.allowPrivateJwksUri;
    const options = { allowPrivateIPAddress: allow, allowMetaIPAddress: allow, keepAlive: false };
    this.agents = {
      'http:': new RequestFilteringHttpAgent(options),
      'https:': new RequestFilteringHttpsAgent(options),
    };
  }

  /** Throws JwksUnavailable, or TemporarilyUnavailable when too many are being fetched. */
  fetch(uri: string): Promise<PublicKeySet> {
    // The setting may have changed since the address was registered.
    if (jwksUriFault(uri, this.settings.allowPrivateJwksUri)) throw new JwksUnavailable('not permitted');
    return this.lane.run(async () => {
      try {
        return readKeySet(await this.download(new URL(uri)));
      } catch (error) {
        throw error instanceof JwksUnavailable ? error : new JwksUnavailable(reasonOf(error));
      }
    });
  }

  private download(url: URL): Promise<string> {
    const client = url.protocol === 'https:' ? https : http;
    const agent = this.agents[url.protocol as 'http:' | 'https:'];
    const headers = { accept: 'application/jwk-set+json, application/json', 'accept-encoding': 'identity' };
    return new Promise((resolve, reject) => {
      const request = client.get(url, { agent, headers });
      // One timer for all of it, so that an answer that trickles does not last either.
      const late = setTimeout(() => request.destroy(new JwksUnavailable('timeout')), LONGEST_MILLISECONDS);
      request
        .on('response', (response) => {
          readBody(response)
            .then(resolve, reject)
            .finally(() => request.destroy());
        })
        .on('error', reject)
        .on('close', () => clearTimeout(late));
    });
  }
}

async function readBody(response: IncomingMessage): Promise<string> {
  // A redirect would lead to an address that nobody has registered.
  if (response.statusCode !== 200) throw new JwksUnavailable(`status ${response.statusCode}`);
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response) {
    bytes += chunk.length;
    if (bytes > LARGEST_BYTES) throw new JwksUnavailable('too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function readKeySet(text: string): PublicKeySet {
  let set: unknown;
  try {
    set = JSON.parse(text);
  } catch {
    throw new JwksUnavailable('not JSON');
  }
  const keys = usableKeys(set);
  if (!keys) throw new JwksUnavailable('not a JWK Set');
  return keys;
}

/** The agents have no code of their own; what they say names addresses. */
function reasonOf(error: unknown): string {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  if (typeof code === 'string') return code;
  return /is not allowed/.test(String(message)) ? 'address not permitted' : 'failed';
}

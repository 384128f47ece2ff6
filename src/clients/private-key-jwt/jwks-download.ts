import { isUtf8 } from 'node:buffer';
import http, { type ClientRequest, type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { Duplex } from 'node:stream';
import { RequestFilteringHttpAgent, RequestFilteringHttpsAgent } from 'request-filtering-agent';
import { JwksUnavailable } from './jwks-unavailable.js';
import { isPublicAddress, literalAddress, notPermitted, publicLookup } from './public-address.js';

const MAX_MILLISECONDS = 3000;
const MAX_BYTES = 64 * 1024;
/** Interim responses (RFC 9110 15.2), whose number HTTP does not limit. */
const MAX_INTERIM_RESPONSES = 10;
const HEADERS = { accept: 'application/jwk-set+json, application/json', 'accept-encoding': 'identity' };

/**
 * One request for a JWK Set: bounded in time and size, without redirects. Every address is checked before connecting, by
 * the agents and more strictly here, so that no host name leads to loopback, link-local or private addresses.
 */
export class JwksDownload {
  private readonly agents: { 'http:': http.Agent; 'https:': https.Agent };

  constructor(private readonly allowPrivate: boolean) {
    const options = {
      allowPrivateIPAddress: allowPrivate,
      allowMetaIPAddress: allowPrivate,
      keepAlive: false,
    };
    this.agents = {
      'http:': new RequestFilteringHttpAgent(options),
      'https:': new RequestFilteringHttpsAgent(options),
    };
  }

  /** Settles within the deadline, whatever the remote server does; throws JwksUnavailable. `ca`: see KeySource. */
  async run(url: URL, ca?: string): Promise<string> {
    let request: ClientRequest | undefined;
    let deadline: NodeJS.Timeout | undefined;
    try {
      return await new Promise<string>((resolve, reject) => {
        // Rejects directly: a request that has been closed already emits no event when it is destroyed.
        deadline = setTimeout(() => reject(new JwksUnavailable('timeout')), MAX_MILLISECONDS);
        request = this.open(url, ca);
        listen(request, resolve, reject);
      });
    } catch (error) {
      throw error instanceof JwksUnavailable ? error : new JwksUnavailable(reasonOf(error));
    } finally {
      clearTimeout(deadline);
      request?.destroy();
    }
  }

  private open(url: URL, ca: string | undefined): ClientRequest {
    const agent = this.agents[url.protocol as 'http:' | 'https:'];
    const literal = literalAddress(url);
    if (!this.allowPrivate && literal !== undefined && !isPublicAddress(literal)) throw notPermitted();
    const lookup = this.allowPrivate ? {} : { lookup: publicLookup };
    const trusted = ca === undefined ? {} : { ca };
    const options = { agent, headers: HEADERS, ...lookup, ...trusted };
    return (url.protocol === 'https:' ? https : http).get(url, options);
  }
}

function listen(
  request: ClientRequest,
  resolve: (text: string) => void,
  reject: (error: unknown) => void,
): void {
  let interim = 0;
  let responded = false;
  const switched = (_response: IncomingMessage, socket: Duplex) => {
    socket.destroy();
    reject(new JwksUnavailable('unsupported protocol'));
  };
  request
    .on('response', (response) => {
      responded = true;
      readBody(response).then(resolve, reject);
    })
    .on('information', () => {
      if (++interim > MAX_INTERIM_RESPONSES) reject(new JwksUnavailable('too many interim responses'));
    })
    .on('upgrade', switched)
    .on('connect', switched)
    // Stays registered after the promise settles: an unhandled error event would end the process.
    .on('error', reject)
    // Once the response has begun, its reader reports a more precise error.
    .on('close', () => {
      if (!responded) reject(new JwksUnavailable('connection closed without a response'));
    });
}

async function readBody(response: IncomingMessage): Promise<string> {
  // A redirect would lead to a URL that is not registered.
  if (response.statusCode !== 200) throw new JwksUnavailable(`status ${response.statusCode}`);
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response) {
    bytes += chunk.length;
    if (bytes > MAX_BYTES) throw new JwksUnavailable('too large');
    chunks.push(chunk);
  }
  const body = Buffer.concat(chunks);
  if (!isUtf8(body)) throw new JwksUnavailable('not UTF-8');
  return body.toString('utf8').replace(/^\uFEFF/, '');
}

/** Errors of the agents have no code, and their messages contain addresses. */
function reasonOf(error: unknown): string {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  if (typeof code === 'string') return code;
  return /is not allowed/.test(String(message)) ? 'address not permitted' : 'failed';
}

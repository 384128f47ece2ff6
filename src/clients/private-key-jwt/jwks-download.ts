import { isUtf8 } from 'node:buffer';
import http, { type ClientRequest, type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { Duplex } from 'node:stream';
import { RequestFilteringHttpAgent, RequestFilteringHttpsAgent } from 'request-filtering-agent';
import { JwksUnavailable } from './jwks-unavailable.js';
import { isPublicAddress, literalAddress, notPermitted, publicLookup } from './public-address.js';

const MAX_MILLISECONDS = 3000;
const MAX_BYTES = 64 * 1024;
/** Answers before the answer (RFC 9110 15.2), of which there could be any number. */
const MAX_INFORMATION = 10;
const HEADERS = { accept: 'application/jwk-set+json, application/json', 'accept-encoding': 'identity' };

/**
 * One request for a JWK Set: bounded in time and size, without redirects. Each address that is connected to is looked at,
 * by the agents and more strictly by us, so that no name leads to loopback, link-local or private addresses.
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

  /** Settles within the deadline, whatever the other side does; throws JwksUnavailable. */
  async run(url: URL): Promise<string> {
    let request: ClientRequest | undefined;
    let late: NodeJS.Timeout | undefined;
    try {
      return await new Promise<string>((resolve, reject) => {
        // It refuses by itself: a request that is gone already would tell nobody that it was destroyed.
        late = setTimeout(() => reject(new JwksUnavailable('timeout')), MAX_MILLISECONDS);
        request = this.open(url);
        listen(request, resolve, reject);
      });
    } catch (error) {
      throw error instanceof JwksUnavailable ? error : new JwksUnavailable(reasonOf(error));
    } finally {
      clearTimeout(late);
      request?.destroy();
    }
  }

  private open(url: URL): ClientRequest {
    const agent = this.agents[url.protocol as 'http:' | 'https:'];
    const literal = literalAddress(url);
    if (!this.allowPrivate && literal !== undefined && !isPublicAddress(literal)) throw notPermitted();
    const lookup = this.allowPrivate ? {} : { lookup: publicLookup };
    return (url.protocol === 'https:' ? https : http).get(url, { agent, headers: HEADERS, ...lookup });
  }
}

function listen(
  request: ClientRequest,
  resolve: (text: string) => void,
  reject: (error: unknown) => void,
): void {
  let information = 0;
  let answered = false;
  const switched = (_response: IncomingMessage, socket: Duplex) => {
    socket.destroy();
    reject(new JwksUnavailable('unsupported protocol'));
  };
  request
    .on('response', (response) => {
      answered = true;
      readBody(response).then(resolve, reject);
    })
    .on('information', () => {
      if (++information > MAX_INFORMATION) reject(new JwksUnavailable('too many bytes before the response'));
    })
    .on('upgrade', switched)
    .on('connect', switched)
    // Also after it was settled: an error that nobody listens to would end the process.
    .on('error', reject)
    // Of an answer that has begun, its reader knows more.
    .on('close', () => {
      if (!answered) reject(new JwksUnavailable('connection closed without a response'));
    });
}

async function readBody(response: IncomingMessage): Promise<string> {
  // A redirect would lead to an address that nobody has registered.
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

/** The agents have no code of their own; what they say names addresses. */
function reasonOf(error: unknown): string {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  if (typeof code === 'string') return code;
  return /is not allowed/.test(String(message)) ? 'address not permitted' : 'failed';
}

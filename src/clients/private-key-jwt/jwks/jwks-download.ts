import { isUtf8 } from 'node:buffer';
import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { FilteredRequests, requestFault } from '../../../runtime/filtered-requests.js';
import { JwksUnavailable } from './jwks-unavailable.js';

const MAX_MILLISECONDS = 3000;
const MAX_BYTES = 64 * 1024;
/** Interim responses (RFC 9110 15.2), whose number HTTP does not limit. */
const MAX_INTERIM_RESPONSES = 10;
const HEADERS = { accept: 'application/jwk-set+json, application/json', 'accept-encoding': 'identity' };

/** One request for a JWK Set: bounded in time and size, without redirects, to permitted addresses. */
export class JwksDownload {
  private readonly requests: FilteredRequests;

  constructor(allowPrivate: boolean) {
    this.requests = new FilteredRequests(allowPrivate);
  }

  /** Settles within the deadline, whatever the remote server does; throws JwksUnavailable. `ca`: see KeySource. */
  async run(url: URL, ca?: string): Promise<string> {
    let request: ClientRequest | undefined;
    let deadline: NodeJS.Timeout | undefined;
    try {
      return await new Promise<string>((resolve, reject) => {
        // Rejects directly: a request that has been closed already emits no event when it is destroyed.
        deadline = setTimeout(() => reject(new JwksUnavailable('timeout')), MAX_MILLISECONDS);
        request = this.requests.open(url, { headers: HEADERS, ...(ca === undefined ? {} : { ca }) });
        listen(request, resolve, reject);
        request.end();
      });
    } catch (error) {
      throw error instanceof JwksUnavailable ? error : new JwksUnavailable(requestFault(error));
    } finally {
      clearTimeout(deadline);
      request?.destroy();
    }
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

import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import { listenOnLoopback } from './loopback.js';

/** A request as an API behind a gateway receives it. */
export interface Seen {
  method: string;
  url: string;
  headers: Record<string, string | undefined>;
  bytes: number;
  sha256: string;
}

const MAX_HEADER_BYTES = 64 * 1024;

async function see(request: IncomingMessage): Promise<Seen> {
  const digest = createHash('sha256');
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    digest.update(chunk);
  }
  const headers = request.headers as Seen['headers'];
  const { method = '', url = '' } = request;
  return { method, url, headers, bytes, sha256: digest.digest('hex') };
}

/** An API that checks no tokens: it returns and records each request as received. */
export async function startEchoApi() {
  const seen: Seen[] = [];
  const server = createServer({ maxHeaderSize: MAX_HEADER_BYTES }, async (request, response) => {
    const what = await see(request);
    seen.push(what);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(what));
  });
  return { ...(await listenOnLoopback(server)), seen };
}

export type EchoApi = Awaited<ReturnType<typeof startEchoApi>>;

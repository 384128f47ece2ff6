import {
  createServer,
  type RequestListener,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer, type Server as HttpsServer } from 'node:https';
import type { Log } from '../../config/log.js';
import type { MetricsSettings } from '../../config/metrics-settings.js';
import type { Settings } from '../../config/settings.js';
import { sameDigest, tokenDigest } from '../../crypto/digest.js';
import { FOREIGN_HOST, OwnHosts } from '../../http/request/own-hosts.js';
import { METRICS_TYPE } from '../../metrics/exposition.js';
import { hardenedResponse, hardeningOf } from '../hardened-response.js';
import { listeningError } from '../listening-error.js';
import { readTls, reloadTls } from '../tls.js';

/** Resolves to all metrics as text. */
export type Scrape = () => Promise<string>;

const PATH = '/metrics';
const MAX_CONNECTIONS = 64;
const MAX_REQUEST_MS = 10_000;
const SETTINGS = { port: 'LATCHKEY_METRICS_PORT', host: 'LATCHKEY_METRICS_HOST' };

/** Serves `/metrics` on a port of its own, over TLS where the server does; resolves once it listens. */
export async function serveMetrics(
  settings: Pick<Settings, 'metrics' | 'tls' | 'publicUrl' | 'rootIssuer' | 'allowedHosts'>,
  scrape: Scrape,
  log: Log,
): Promise<void> {
  const { metrics, tls } = settings;
  if (!metrics) return;
  const options: ServerOptions = {
    ServerResponse: hardenedResponse(hardeningOf(tls !== undefined)),
    requestTimeout: MAX_REQUEST_MS,
    headersTimeout: MAX_REQUEST_MS,
  };
  const answer = answering(metrics.token, new OwnHosts(settings), shared(scrape), log);
  const server = tls
    ? createTlsServer({ ...options, ...readTls(tls) }, answer)
    : createServer(options, answer);
  server.maxConnections = MAX_CONNECTIONS;
  await listen(server, metrics);
  if (tls) reloadTls(server as HttpsServer, tls, log);
}

function listen(server: Server, { port, host }: MetricsSettings): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(listeningError({ port, host, settings: SETTINGS }, error)));
    server.listen(port, host, resolve);
  });
}

/** Concurrent scrapes get the same text, so that many cost no more than one. */
function shared(scrape: Scrape): Scrape {
  let current: Promise<string> | undefined;
  return () => {
    current ??= scrape().finally(() => {
      current = undefined;
    });
    return current;
  };
}

function answering(token: string | undefined, hosts: OwnHosts, scrape: Scrape, log: Log): RequestListener {
  const expected = token === undefined ? undefined : tokenDigest(`Bearer ${token}`);
  return ({ method, url = '', headers }, response) => {
    // Digests of equal length are compared in constant time, whatever was presented.
    if (expected !== undefined && !sameDigest(tokenDigest(headers.authorization ?? ''), expected)) {
      response.setHeader('www-authenticate', 'Bearer realm="latchkey metrics"');
      return send(response, 401, 'present the value of LATCHKEY_METRICS_TOKEN as a bearer token');
    }
    if (expected === undefined && !hosts.serves(headers)) return send(response, 403, FOREIGN_HOST);
    if (url.split('?', 1)[0] !== PATH) return send(response, 404, `metrics are at ${PATH}`);
    if (method !== 'GET' && method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD');
      return send(response, 405, 'this method is not allowed');
    }
    scrape().then(
      (text) => send(response, 200, text, METRICS_TYPE),
      (error: Error) => {
        log.error({ fault: error.name }, 'scrape of metrics failed');
        send(response, 500, 'internal server error');
      },
    );
  };
}

function send(
  response: ServerResponse,
  status: number,
  text: string,
  type = 'text/plain; charset=utf-8',
): void {
  const body = text.endsWith('\n') ? text : `${text}\n`;
  response
    .writeHead(status, {
      'content-type': type,
      'content-length': Buffer.byteLength(body),
      'cache-control': 'no-store',
    })
    .end(body);
}

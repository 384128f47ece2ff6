import { METHODS } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifyServerOptions,
  fastify as makeFastify,
} from 'fastify';
import type { Settings } from '../config/settings.js';
import { frameworkFault, sendFault } from '../http/fallback.filter.js';
import { trusting } from '../http/request/remote-address.js';
import type { RouteTable } from '../http/route-table.js';
import { takeBody } from './body-intake.js';
import { rejectAmbiguousFraming, rejectDuplicateContentType } from './framing.js';
import { hardenedResponse, hardeningOf, headerLines } from './hardened-response.js';
import { hooklessAdapter } from './hookless-adapter.js';
import { serveInTurn } from './pipelining.js';
import { rejectUnknownTarget, routed } from './request-target.js';
import { answerUnreadable, rejectConnect } from './socket-answer.js';
import { readTls } from './tls.js';
import { drainVerifyBody } from './verify-body.js';

const MAX_BODY_BYTES = 512 * 1024;
/** Fastify caches the parser of a registered type, and searches for the catch-all parser at each request. */
const KNOWN_TYPES = ['application/x-www-form-urlencoded', 'application/json'];
const MAX_REQUEST_MS = 30_000;
const BAD_PATH = 'the path is not valid percent-encoded UTF-8';
const CONNECTIONS = {
  // Node allows a minute for the headers by default and checks only every half minute.
  headersTimeout: 10_000,
  connectionsCheckingInterval: 5_000,
  // Node would reject a request without Host itself, without a body.
  requireHostHeader: false,
};

/** Those that Fastify handles as the endpoints need them; CONNECT never becomes a request. */
const OWN_METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT']);

/** The Fastify instance, with the checks that precede every route. */
export function createAdapter(settings: Settings, routes: RouteTable): FastifyAdapter {
  const hardening = hardeningOf(settings.tls !== undefined || settings.publicUrl.startsWith('https:'));
  const connections = { ...CONNECTIONS, ServerResponse: hardenedResponse(hardening) };
  const lines = headerLines(hardening);
  const { tls } = settings;
  const fastify = makeFastify({
    ...optionsOf(settings, lines),
    ...(tls ? { https: { ...readTls(tls), ...connections } } : { http: connections }),
  } as FastifyServerOptions);
  const { server } = fastify;
  // Node would drop all headers after the first thousand: the meaning of a header must not depend on its position.
  server.maxHeadersCount = 0;
  server.maxConnections = settings.maxConnections;
  // A client may close its side once it has sent its request (RFC 9112 9.6); Node would close the connection unanswered.
  (server as { httpAllowHalfOpen?: boolean }).httpAllowHalfOpen = true;
  // Node would answer an unknown expectation itself, without a body (RFC 9110 10.1.1).
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
  server.on('connect', (request, socket) => rejectConnect(request, socket, routes, lines));
  prepareRequests(fastify, routes);
  return hooklessAdapter(fastify);
}

function optionsOf({ trustedProxies, keepAliveSeconds }: Settings, lines: ReturnType<typeof headerLines>) {
  return {
    // Enables X-Forwarded-Host and -Proto as well, but no request's host or protocol is read here.
    trustProxy: trustedProxies.length > 0 ? trusting(trustedProxies) : false,
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: MAX_REQUEST_MS,
    keepAliveTimeout: keepAliveSeconds * 1000,
    connectionTimeout: 2 * MAX_REQUEST_MS,
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 512 },
    rewriteUrl: ({ url = '/' }: { url?: string }) => routed(url),
    clientErrorHandler: (error: { code?: string }, socket: Socket) =>
      answerUnreadable(socket, error.code, lines),
    frameworkErrors: (error: { statusCode?: number; code?: string }, _request: unknown, reply: unknown) =>
      sendFault(
        reply as FastifyReply,
        frameworkFault(error.statusCode ?? 400, error.code === 'FST_ERR_BAD_URL' ? BAD_PATH : undefined),
      ),
  };
}

function prepareRequests(fastify: FastifyInstance, routes: RouteTable): void {
  // Forward authentication uses the method of the original request; no body of these is read.
  for (const method of METHODS.filter((one) => !OWN_METHODS.has(one))) {
    fastify.addHttpMethod(method, { overrideExisting: true });
  }
  fastify.addHook('onRoute', ({ method, url }) => routes.add(method, url));
  fastify.addHook('onRequest', serveInTurn);
  fastify.addHook('onRequest', rejectAmbiguousFraming);
  fastify.addHook('onRequest', drainVerifyBody);
  fastify.addHook('onRequest', rejectUnknownTarget);
  fastify.addHook('onRequest', ignoreTypeOfDeletion);
  fastify.addHook('onRequest', rejectDuplicateContentType);
  // Each API parses its own bodies, so that it rejects them in its own format.
  fastify.removeAllContentTypeParsers();
  for (const type of [...KNOWN_TYPES, '*']) fastify.addContentTypeParser(type, takeBody);
}

/** A DELETE has no body (RFC 9110 9.3.5), so the media type that some clients always send is ignored. */
function ignoreTypeOfDeletion(
  { method, headers }: FastifyRequest,
  _reply: FastifyReply,
  done: () => void,
): void {
  if (method === 'DELETE') delete headers['content-type'];
  done();
}

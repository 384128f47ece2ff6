import { METHODS } from 'node:http';
import type { Socket } from 'node:net';
import path from 'node:path';
import { NestFactory } from '@nestjs/core';
import type { FastifyAdapter, NestFastifyApplication } from '@nestjs/platform-fastify';
import {
  type FastifyReply,
  type FastifyRequest,
  type FastifyServerOptions,
  fastify as makeFastify,
} from 'fastify';
import { AppModule } from '../app.module.js';
import { Log, NestLog } from '../config/log.js';
import type { Settings } from '../config/settings.js';
import { migrate } from '../database/database.module.js';
import { DatabaseEngine } from '../database/engine/engine.js';
import { Outage } from '../database/outage.js';
import { isOpenToOthers } from '../database/sqlite/private-files.js';
import { AdminEntrance } from '../http/admin/access/admin-entrance.js';
import { FallbackFilter, frameworkFault, isAdministrators, sendFault } from '../http/fallback.filter.js';
import { rejectForeignPages } from '../http/oauth/foreign-page.js';
import { AccessLog } from '../http/observation/access-log.js';
import { RequestMetrics } from '../http/observation/request-metrics.js';
import { RequestTraces } from '../http/observation/request-traces.js';
import { OwnHosts } from '../http/request/own-hosts.js';
import { trusting } from '../http/request/remote-address.js';
import { RouteTable } from '../http/route-table.js';
import { MAX_UNAUTHENTICATED_BODY_BYTES, takeBody } from './body-intake.js';
import { ForwardedFor } from './forwarded-for.js';
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

/** Migrates the schema, then builds the application; it does not listen yet. */
export async function createApp(settings: Settings): Promise<NestFastifyApplication> {
  const warnings = await migrate(settings);
  const routes = new RouteTable();
  const app = await NestFactory.create<NestFastifyApplication>(AppModule, adapterFor(settings, routes), {
    logger: false,
    abortOnError: false,
    bodyParser: false,
  });
  const log = app.get(Log);
  app.useLogger(new NestLog(log));
  reportLocation(app.get(DatabaseEngine), app.get(Outage), log);
  warnOfOpenFiles(settings, app.get(DatabaseEngine), log);
  for (const warning of warnings) log.warn({}, `database not durable: ${warning}`);
  const forwarded = new ForwardedFor(settings.trustedProxies, log);
  app.getHttpAdapter().getInstance().addHook('onRequest', forwarded.hook);
  observe(app);
  app.useGlobalFilters(new FallbackFilter(log, app.get(Outage), routes));
  protectRoutes(app, settings);
  return app;
}

/** Without metrics, traces and access log there is no hook, and requests cost nothing more. */
function observe(app: NestFastifyApplication): void {
  const traces = app.get<RequestTraces | undefined>(RequestTraces);
  if (traces) {
    app
      .getHttpAdapter()
      .getInstance()
      .addHook('onRequest', (request, _reply, done) => traces.begin(request, done))
      .addHook('preValidation', (request, _reply, done) => traces.enter(request, done));
  }
  const enabled = [RequestMetrics, AccessLog, RequestTraces]
    .map((observer) => app.get<RequestMetrics | AccessLog | RequestTraces | undefined>(observer))
    .filter((observer) => observer !== undefined);
  if (enabled.length === 0) return;
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onResponse', (request, reply, done) => {
      for (const observer of enabled) observer.observe(request, reply);
      done();
    });
}

function reportLocation({ location }: DatabaseEngine, outage: Outage, log: Log): void {
  if (!location) return;
  const { setAside, ...connected } = location;
  for (const host of setAside) outage.hostSetAside(host);
  log.info(connected, 'database connected');
}

/** Files that could not be made private belong to another user. */
function warnOfOpenFiles({ dataDir, masterKeys }: Settings, engine: DatabaseEngine, log: Log): void {
  const files = [...engine.files, ...(masterKeys.length === 0 ? [path.join(dataDir, 'master.key')] : [])];
  for (const file of files.filter(isOpenToOthers)) {
    log.warn({ file }, 'file is accessible to other users and its mode cannot be changed');
  }
}

/** Routes are registered when the application listens, and each gets the checks that precede it. */
function protectRoutes(app: NestFastifyApplication, settings: Settings): void {
  const hosts = new OwnHosts(settings, settings.trustedProxies);
  const { origin } = new URL(settings.publicUrl);
  const entrance = app.get(AdminEntrance);
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onRoute', (route) => {
      if (isAdministrators(route.url)) entrance.protect(route);
      else {
        route.bodyLimit = MAX_UNAUTHENTICATED_BODY_BYTES;
        rejectForeignPages(route, hosts, origin);
      }
    });
}

function adapterFor(
  { tls, trustedProxies, publicUrl, keepAliveSeconds, maxConnections }: Settings,
  routes: RouteTable,
): FastifyAdapter {
  const hardening = hardeningOf(tls !== undefined || publicUrl.startsWith('https:'));
  const connections = { ...CONNECTIONS, ServerResponse: hardenedResponse(hardening) };
  const lines = headerLines(hardening);
  const options = {
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
    ...(tls ? { https: { ...readTls(tls), ...connections } } : { http: connections }),
  };
  const fastify = makeFastify(options as FastifyServerOptions);
  const { server } = fastify;
  // Node would drop all headers after the first thousand: the meaning of a header must not depend on its position.
  server.maxHeadersCount = 0;
  server.maxConnections = maxConnections;
  // A client may close its side once it has sent its request (RFC 9112 9.6); Node would close the connection unanswered.
  (server as { httpAllowHalfOpen?: boolean }).httpAllowHalfOpen = true;
  // Node would answer an unknown expectation itself, without a body (RFC 9110 10.1.1).
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
  server.on('connect', (request, socket) => rejectConnect(request, socket, routes, lines));
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
  for (const type of [...KNOWN_TYPES, '*']) {
    fastify.addContentTypeParser(type, takeBody);
  }
  return hooklessAdapter(fastify);
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

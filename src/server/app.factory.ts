import path from 'node:path';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppModule } from '../app.module.js';
import { Log, NestLog } from '../config/log.js';
import type { Settings } from '../config/settings.js';
import { migrate } from '../database/database.module.js';
import { DatabaseEngine } from '../database/engine/engine.js';
import { Outage } from '../database/outage.js';
import { isOpenToOthers } from '../database/sqlite/private-files.js';
import { AdminEntrance } from '../http/admin/access/admin-entrance.js';
import { FallbackFilter, isAdministrators } from '../http/fallback.filter.js';
import { rejectForeignPages } from '../http/oauth/foreign-page.js';
import { AccessLog } from '../http/observation/access-log.js';
import { RequestMetrics } from '../http/observation/request-metrics.js';
import { RequestTraces } from '../http/observation/request-traces.js';
import { OwnHosts } from '../http/request/own-hosts.js';
import { RouteTable } from '../http/route-table.js';
import { createAdapter } from './adapter.js';
import { MAX_UNAUTHENTICATED_BODY_BYTES } from './body-intake.js';
import { ForwardedFor } from './forwarded-for.js';

/** Migrates the schema, then builds the application; it does not listen yet. */
export async function createApp(settings: Settings): Promise<NestFastifyApplication> {
  const warnings = await migrate(settings);
  const routes = new RouteTable();
  const app = await NestFactory.create<NestFastifyApplication>(AppModule, createAdapter(settings, routes), {
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

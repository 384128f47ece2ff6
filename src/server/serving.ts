import 'reflect-metadata';
import type { Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Server as TlsServer } from 'node:tls';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { FirstAdministrator } from '../administration/administrators/first-administrator.js';
import { Log } from '../config/log.js';
import type { Settings } from '../config/settings.js';
import { ShutdownState } from '../http/health/shutdown-state.js';
import { Metrics } from '../metrics/metrics.js';
import { ProcessActivity } from '../metrics/process-activity.js';
import { ServerCertificate } from '../metrics/server-certificate.js';
import { printNewAdmin } from './announcement.js';
import { createApp } from './app.factory.js';
import { listeningError } from './listening-error.js';
import { certificateMetric } from './metrics/certificate-metric.js';
import { reloadTls } from './tls.js';

/** Less than the ten seconds after which a container is killed. */
const MAX_STOP_MS = 5000;
const IDLE_CHECK_INTERVAL_MS = 50;
const CLOSE_NOTICE_MS = 150;

/** The result of a start. */
export interface Serving {
  log: Log;
  /** Whether an administrator was created; its secret and the address are then on standard output. */
  adminCreated: boolean;
}

export interface ServingOptions {
  signals: readonly NodeJS.Signals[];
  /** Called last, after a signal. */
  stopped?: (log: Log) => void;
  /** Makes the metrics of this process available, if they are enabled. */
  expose: (metrics: Metrics, log: Log) => Promise<void> | void;
  /** Exchanges the activity of this process with the others of the same server. */
  share?: (activity: ProcessActivity) => void;
}

/** Serves in this process until a signal ends it with 0. */
export async function serve(settings: Settings, options: ServingOptions): Promise<Serving> {
  const { signals, stopped = () => undefined, expose, share } = options;
  const app = await createApp(settings);
  const log = app.get(Log);
  stopOn(signals, () => stop(app, settings.shutdownDelaySeconds).then(() => stopped(log)));
  share?.(app.get(ProcessActivity));
  await listen(app, settings);
  const metrics = app.get<Metrics | undefined>(Metrics);
  if (settings.tls) {
    const server = app.getHttpServer() as unknown as TlsServer;
    const certificate = app.get(ServerCertificate);
    if (metrics) certificateMetric(metrics, certificate);
    reloadTls(server, settings.tls, log, ({ validTo }) => {
      certificate.expiresAt = Date.parse(validTo);
    });
  }
  if (metrics) await expose(metrics, log);
  const show = printNewAdmin(settings.publicUrl);
  return { log, adminCreated: await app.get(FirstAdministrator).makeOnEmptyDatabase(show) };
}

async function listen(app: NestFastifyApplication, { port, host }: Settings): Promise<void> {
  try {
    await app.listen(port, host);
  } catch (error) {
    throw listeningError({ port, host, settings: { port: 'PORT', host: 'HOST' } }, error);
  }
}

/**
 * Reports not ready and keeps serving for as long as a load balancer needs to notice. Then waits for open requests,
 * not for connections: idle keep-alive connections are closed.
 */
async function stop(app: NestFastifyApplication, delaySeconds: number): Promise<void> {
  const server = app.getHttpServer() as unknown as Server;
  app.get(ShutdownState).begin();
  // Announces the close with the next response, so that a busy client does not send into a closing connection (RFC
  // 9112 9.6).
  server.prependListener('request', (_request, response) => response.setHeader('connection', 'close'));
  await sleep(Math.max(delaySeconds * 1000, CLOSE_NOTICE_MS));
  const idle = setInterval(() => server.closeIdleConnections(), IDLE_CHECK_INTERVAL_MS);
  const all = setTimeout(() => server.closeAllConnections(), MAX_STOP_MS);
  try {
    await app.close();
  } finally {
    clearInterval(idle);
    clearTimeout(all);
  }
}

/**
 * Lets open requests complete, then exits with 0: a requested stop is not a failure. Ctrl-C reaches a process of `npm
 * start` twice, from the terminal and from npm: the second signal must not cut the first one short.
 */
function stopOn(signals: readonly NodeJS.Signals[], close: () => Promise<void>): void {
  let stopping = false;
  const stopOnce = () => {
    if (stopping) return;
    stopping = true;
    close().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  for (const signal of signals) process.on(signal, stopOnce);
}

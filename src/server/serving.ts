import 'reflect-metadata';
import type { Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Server as TlsServer } from 'node:tls';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { FirstAdministrator } from '../administration/administrators/first-administrator.js';
import { asSettingError, InvalidSetting } from '../config/invalid-setting.js';
import { Log } from '../config/log.js';
import type { Settings } from '../config/settings.js';
import { ShutdownState } from '../http/health/shutdown-state.js';
import { printNewAdmin } from './announcement.js';
import { createApp } from './app.factory.js';
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

/** Serves in this process until a signal ends it with 0; `stopped` is called last. */
export async function serve(
  settings: Settings,
  signals: readonly NodeJS.Signals[],
  stopped: (log: Log) => void = () => undefined,
): Promise<Serving> {
  const app = await createApp(settings);
  stopOn(signals, () => stop(app, settings.shutdownDelaySeconds).then(() => stopped(app.get(Log))));
  await listen(app, settings);
  const log = app.get(Log);
  if (settings.tls) reloadTls(app.getHttpServer() as unknown as TlsServer, settings.tls, log);
  const show = printNewAdmin(settings.publicUrl);
  return { log, adminCreated: await app.get(FirstAdministrator).makeOnEmptyDatabase(show) };
}

async function listen(app: NestFastifyApplication, { port, host }: Settings): Promise<void> {
  try {
    await app.listen(port, host);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE')
      throw new InvalidSetting('PORT', `${port} on ${host} is in use by another process (${code})`);
    if (code === 'EACCES')
      throw new InvalidSetting('PORT', `${port} is not permitted to this user (${code})`);
    throw asSettingError('HOST', error, host);
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

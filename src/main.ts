import 'reflect-metadata';
import type { Server } from 'node:http';
import type { Server as TlsServer } from 'node:tls';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createApp } from './app.factory.js';
import { blame, isOpenHttp, readSettings, unknownSettings } from './config/environment.js';
import { Log } from './config/log.js';
import type { Settings } from './config/settings.js';
import { SHORT_SECRET_CHARACTERS } from './config/weak-secret.js';
import { FirstAdministrator } from './policies/first-administrator.js';
import { reloadTls } from './tls.js';

/** Less than the ten seconds after which a container is killed. */
const LONGEST_STOP_MILLISECONDS = 5000;
const BETWEEN_LOOKS_MILLISECONDS = 50;

/** Starts the server; a start that fails ends with one line that says why. */
async function start(): Promise<void> {
  const settings = readSettings();
  const app = await createApp(settings);
  stopOn(['SIGINT', 'SIGTERM'], () => stop(app));
  await listen(app, settings);
  const log = app.get(Log);
  if (settings.tls) reloadTls(app.getHttpServer() as unknown as TlsServer, settings.tls, log);
  const unread = unknownSettings();
  if (unread.length > 0) log.warn({ settings: unread }, 'these settings are not read by this version');
  warnOfPlainHttp(settings, log);
  warnOfShortSecret(settings, log);
  log.info({ url: settings.publicUrl, engine: settings.database.engine }, 'Latchkey is ready');
  process.stdout.write(`Latchkey serves ${settings.publicUrl}\n`);
  const made = app.get(FirstAdministrator).takeMade();
  if (made) {
    process.stdout.write(
      `\nThe first administrator was made. Its secret is shown this once:\n\n` +
        `  client id      ${made.id}\n  client secret  ${made.secret}\n\n`,
    );
  }
}

function warnOfPlainHttp({ publicUrl, rootIssuer, tls }: Settings, log: Log): void {
  const setting = 'LATCHKEY_PUBLIC_URL';
  if (isOpenHttp(new URL(publicUrl)))
    log.warn({ setting }, 'plain HTTP: secrets and tokens can be read on the way');
  else if (isOpenHttp(new URL(rootIssuer)))
    log.warn({ setting: 'LATCHKEY_ISSUER' }, 'plain HTTP: verifiers that look for keys there can be misled');
  else if (tls && publicUrl.startsWith('http:'))
    log.warn({ setting }, 'begins with http://, but HTTPS is served');
}

function warnOfShortSecret({ adminClientSecret }: Settings, log: Log): void {
  if (adminClientSecret !== undefined && adminClientSecret.length < SHORT_SECRET_CHARACTERS)
    log.warn(
      { setting: 'LATCHKEY_ADMIN_CLIENT_SECRET' },
      `shorter than ${SHORT_SECRET_CHARACTERS} characters: nobody should be able to guess it`,
    );
}

async function listen(app: NestFastifyApplication, { port, host }: Settings): Promise<void> {
  try {
    await app.listen(port, host);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw blame(code === 'EADDRINUSE' || code === 'EACCES' ? 'PORT' : 'HOST', error);
  }
}

/** Waits for answers under way, not for connections: those that are kept for later go as soon as they are idle. */
async function stop(app: NestFastifyApplication): Promise<void> {
  const server = app.getHttpServer() as unknown as Server;
  const idle = setInterval(() => server.closeIdleConnections(), BETWEEN_LOOKS_MILLISECONDS);
  const all = setTimeout(() => server.closeAllConnections(), LONGEST_STOP_MILLISECONDS);
  try {
    await app.close();
  } finally {
    clearInterval(idle);
    clearTimeout(all);
  }
}

/** Lets requests under way finish, then ends with 0: being asked to stop is not a failure. */
function stopOn(signals: readonly NodeJS.Signals[], close: () => Promise<void>): void {
  for (const signal of signals) {
    process.once(signal, () => {
      close().then(
        () => process.exit(0),
        () => process.exit(1),
      );
    });
  }
}

start().catch((error: Error) => {
  process.stderr.write(`Latchkey cannot start: ${error.message.replaceAll('\n', ' ')}\n`);
  process.exit(1);
});

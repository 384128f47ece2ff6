import 'reflect-metadata';
import type { Server as TlsServer } from 'node:tls';
import { createApp } from './app.factory.js';
import { readSettings, unknownSettings } from './config/environment.js';
import { Log } from './config/log.js';
import { FirstAdministrator } from './policies/first-administrator.js';
import { reloadTls } from './tls.js';

/** Starts the server; a start that fails ends with one line that says why. */
async function start(): Promise<void> {
  const settings = readSettings();
  const app = await createApp(settings);
  stopOn(['SIGINT', 'SIGTERM'], () => app.close());
  await app.listen(settings.port, settings.host);
  const log = app.get(Log);
  if (settings.tls) reloadTls(app.getHttpServer() as unknown as TlsServer, settings.tls, log);
  const unread = unknownSettings();
  if (unread.length > 0) log.warn({ settings: unread }, 'these settings are not read by this version');
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

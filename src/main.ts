import { plainRemoteHosts } from './config/database-url.js';
import { readSettings, unknownSettings } from './config/environment.js';
import { isOpenHttp, lacksPublicUrl } from './config/issuer-settings.js';
import { createLog, type Log } from './config/log.js';
import type { Settings } from './config/settings.js';
import { doubtAbout } from './config/weak-secret.js';
import { logStopped, printBanner } from './server/announcement.js';
import type { Serving } from './server/serving.js';

/** Starts the server; a failed start ends with one line that says why. */
async function start(): Promise<void> {
  const settings = readSettings();
  const { log, adminCreated } =
    settings.workers === 1 ? await serveHere(settings) : await serveByWorkers(settings);
  const unread = unknownSettings();
  if (unread.length > 0) log.warn({ settings: unread }, 'unknown settings ignored');
  warnOfPlainHttp(settings, log);
  warnOfGuessedUrl(settings, log);
  warnOfDoubtfulSecret(settings, log);
  warnOfPlainDatabase(settings, log);
  const { publicUrl: url, workers } = settings;
  log.info({ url, engine: settings.database.engine, workers }, 'Latchkey is ready');
  if (!adminCreated) await printBanner(settings);
}

// Imported on demand: a single process needs no cluster, and the primary process needs no server.
async function serveHere(settings: Settings): Promise<Serving> {
  const { serve } = await import('./server/serving.js');
  return serve(settings, {
    signals: ['SIGINT', 'SIGTERM'],
    stopped: logStopped,
    expose: async (metrics, log) => {
      const { exposeMetrics } = await import('./metrics/exposition.js');
      const { serveMetrics } = await import('./server/metrics/metrics-server.js');
      await serveMetrics(settings, async () => exposeMetrics([await metrics.families()]), log);
    },
  });
}

async function serveByWorkers(settings: Settings): Promise<Serving> {
  const { Workers } = await import('./server/cluster/workers.js');
  const log = createLog(settings);
  const workers = new Workers(settings.workers, log, settings.shutdownDelaySeconds);
  if (settings.metrics) {
    const { serveMetrics } = await import('./server/metrics/metrics-server.js');
    await serveMetrics(settings, () => workers.scrape(), log);
  }
  return { log, adminCreated: await workers.start() };
}

function warnOfPlainHttp({ publicUrl, rootIssuer, tls }: Settings, log: Log): void {
  const setting = 'LATCHKEY_PUBLIC_URL';
  if (isOpenHttp(new URL(publicUrl)))
    log.warn({ setting }, 'plain HTTP: secrets and tokens are sent unencrypted');
  else if (isOpenHttp(new URL(rootIssuer)))
    log.warn(
      { setting: 'LATCHKEY_ISSUER' },
      'plain HTTP: verifiers cannot authenticate the keys that they fetch there',
    );
  else if (tls && publicUrl.startsWith('http:'))
    log.warn({ setting }, 'starts with http://, but the server uses HTTPS');
}

function warnOfGuessedUrl({ host, publicUrl: url }: Settings, log: Log): void {
  const setting = 'LATCHKEY_PUBLIC_URL';
  if (lacksPublicUrl(host))
    log.warn(
      { setting, url },
      'is not set: the published URLs contain localhost, which clients on other machines cannot use',
    );
}

function warnOfPlainDatabase({ database }: Settings, log: Log): void {
  for (const host of plainRemoteHosts(database))
    log.warn({ setting: 'DATABASE_URL', host }, 'database connection is not encrypted: add ?tls=verify');
}

function warnOfDoubtfulSecret({ adminClientSecret: secret }: Settings, log: Log): void {
  const doubt = secret === undefined ? undefined : doubtAbout(secret);
  if (doubt !== undefined) log.warn({ setting: 'LATCHKEY_ADMIN_CLIENT_SECRET' }, doubt);
}

start().catch((error: Error) => {
  process.stderr.write(`Latchkey cannot start: ${error.message.replaceAll('\n', ' ')}\n`);
  process.exit(1);
});

import { availableParallelism } from 'node:os';
import path from 'node:path';
import type { LevelWithSilent } from 'pino';
import { isId } from '../protocol/identifier.js';
import { readDatabaseUrl } from './database-url.js';
import { InvalidSetting } from './invalid-setting.js';
import { readIssuer, readPublicUrl } from './issuer-settings.js';
import { readMasterKeys } from './key-settings.js';
import { readMetricsSettings } from './metrics-settings.js';
import { readAllowedHosts, readTrustedProxies } from './proxy-settings.js';
import { type Environment, readPort, SECRET_SETTINGS, settingReader } from './setting-reader.js';
import { DISCOVERY_DIALECT, type Settings, UNREGISTERED_AUDIENCE } from './settings.js';
import { readTracing } from './tracing-settings.js';
import { weaknessOf } from './weak-secret.js';
import { readWebhookSettings } from './webhook-settings.js';

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

const DENY_OR_ALLOW = ['allow', 'deny'] as const;

const ON_OR_OFF = ['on', 'off'] as const;

const KNOWN = [
  'PUBLIC_URL',
  'ISSUER',
  'DATA_DIR',
  'MASTER_KEY',
  'NEW_MASTER_KEY',
  'PLAIN_HTTP',
  'ADMIN_CLIENT_ID',
  'ADMIN_CLIENT_SECRET',
  'UNREGISTERED_AUDIENCE',
  'DISCOVERY_DIALECT',
  'PRIVATE_JWKS_URI',
  'PRIVATE_WEBHOOK_URL',
  'TLS_CERT',
  'TLS_KEY',
  'TRUSTED_PROXIES',
  'ALLOWED_HOSTS',
  'FAILURES_PER_MINUTE',
  'AUDIT_RETENTION_DAYS',
  'WORKERS',
  'KEEP_ALIVE_SECONDS',
  'MAX_CONNECTIONS',
  'METRICS_PORT',
  'METRICS_HOST',
  'METRICS_TOKEN',
  'SHUTDOWN_DELAY_SECONDS',
  'LOG_LEVEL',
  'ACCESS_LOG',
  'AUDIT_LOG',
  'WEBHOOK_URL',
  'WEBHOOK_SECRET',
  'WEBHOOK_EVENTS',
  'CONSOLE',
];

/** Reads and validates every setting; throws InvalidSetting for the first invalid one. */
export function readSettings(env: Environment = process.env): Settings {
  const read = settingReader(env);
  const tls = readTls(read);
  const port = readPort('PORT', read('PORT') ?? '8080');
  const allows = (name: string, otherwise: 'allow' | 'deny') =>
    readChoice(name, read(name) ?? otherwise, DENY_OR_ALLOW) === 'allow';
  const publicUrl = readPublicUrl(
    read('LATCHKEY_PUBLIC_URL'),
    port,
    tls !== undefined,
    allows('LATCHKEY_PLAIN_HTTP', 'deny'),
  );
  const dataDir = path.resolve(read('LATCHKEY_DATA_DIR') ?? 'data');
  const database = readDatabaseUrl(read('DATABASE_URL'), dataDir);
  const masterKeys = readMasterKeys(read('LATCHKEY_MASTER_KEY'));
  if (masterKeys.length === 0 && 'host' in database) {
    throw new InvalidSetting(
      'LATCHKEY_MASTER_KEY',
      'is required with a database server: set it to 32 random bytes in Base64 (openssl rand -base64 32)',
    );
  }
  const adminClientId = readAdminClientId(read('LATCHKEY_ADMIN_CLIENT_ID'));
  return {
    port,
    host: read('HOST') ?? '127.0.0.1',
    publicUrl,
    rootIssuer: readIssuer(read('LATCHKEY_ISSUER'), `${publicUrl}/oidc`) ?? `${publicUrl}/`,
    oidcIssuer: `${publicUrl}/oidc`,
    dataDir,
    database,
    masterKeys,
    adminClientId,
    adminClientSecret: readAdminClientSecret(read('LATCHKEY_ADMIN_CLIENT_SECRET'), adminClientId),
    unregisteredAudience: readChoice(
      'LATCHKEY_UNREGISTERED_AUDIENCE',
      read('LATCHKEY_UNREGISTERED_AUDIENCE') ?? 'policy',
      UNREGISTERED_AUDIENCE,
    ),
    discoveryDialect: readChoice(
      'LATCHKEY_DISCOVERY_DIALECT',
      read('LATCHKEY_DISCOVERY_DIALECT') ?? 'native',
      DISCOVERY_DIALECT,
    ),
    allowPrivateJwksUri: allows('LATCHKEY_PRIVATE_JWKS_URI', 'deny'),
    tls,
    trustedProxies: readTrustedProxies(read('LATCHKEY_TRUSTED_PROXIES')),
    allowedHosts: readAllowedHosts(read('LATCHKEY_ALLOWED_HOSTS')),
    failuresPerMinute: readFailuresPerMinute(read('LATCHKEY_FAILURES_PER_MINUTE')),
    auditRetentionDays: readDays('LATCHKEY_AUDIT_RETENTION_DAYS', read('LATCHKEY_AUDIT_RETENTION_DAYS')),
    keepAliveSeconds: readSeconds(
      'LATCHKEY_KEEP_ALIVE_SECONDS',
      read('LATCHKEY_KEEP_ALIVE_SECONDS') ?? '620',
      1,
    ),
    maxConnections: readMaxConnections(read('LATCHKEY_MAX_CONNECTIONS')),
    shutdownDelaySeconds: readSeconds(
      'LATCHKEY_SHUTDOWN_DELAY_SECONDS',
      read('LATCHKEY_SHUTDOWN_DELAY_SECONDS') ?? '0',
      0,
    ),
    workers: readWorkers(read('LATCHKEY_WORKERS')),
    metrics: readMetricsSettings(read, port),
    accessLog: readChoice('LATCHKEY_ACCESS_LOG', read('LATCHKEY_ACCESS_LOG') ?? 'off', ON_OR_OFF) === 'on',
    auditLog: readChoice('LATCHKEY_AUDIT_LOG', read('LATCHKEY_AUDIT_LOG') ?? 'off', ON_OR_OFF) === 'on',
    webhook: readWebhookSettings(read, allows('LATCHKEY_PRIVATE_WEBHOOK_URL', 'deny')),
    tracing: readTracing(read),
    console: readChoice('LATCHKEY_CONSOLE', read('LATCHKEY_CONSOLE') ?? 'on', ON_OR_OFF) === 'on',
    logLevel: readChoice<LevelWithSilent>(
      'LATCHKEY_LOG_LEVEL',
      read('LATCHKEY_LOG_LEVEL') ?? 'info',
      LOG_LEVELS,
    ),
  };
}

/** Names that begin with LATCHKEY_ but are not settings of this version: misspelled, or of a later version. */
export function unknownSettings(env: Environment = process.env): string[] {
  const files = SECRET_SETTINGS.map((name) => `${name}_FILE`);
  const known = new Set([...KNOWN.map((name) => `LATCHKEY_${name}`), ...files]);
  return Object.keys(env).filter((name) => name.startsWith('LATCHKEY_') && !known.has(name));
}

function readMaxConnections(value = '20000'): number {
  const connections = Number(value);
  if (!/^\d{1,7}$/.test(value) || connections < 1) {
    throw new InvalidSetting('LATCHKEY_MAX_CONNECTIONS', 'must be a whole number from 1 to 9999999');
  }
  return connections;
}

function readDays(name: string, value = '400'): number {
  if (!/^\d{1,5}$/.test(value)) throw new InvalidSetting(name, 'must be a whole number from 0 to 99999');
  return Number(value);
}

const MAX_SECONDS = 86_400;

function readSeconds(name: string, value: string, min: number): number {
  const seconds = Number(value);
  if (!/^\d{1,5}$/.test(value) || seconds < min || seconds > MAX_SECONDS) {
    throw new InvalidSetting(name, `must be a whole number of seconds from ${min} to ${MAX_SECONDS}`);
  }
  return seconds;
}

function readAdminClientId(value = 'root'): string {
  if (!isId(value)) {
    throw new InvalidSetting(
      'LATCHKEY_ADMIN_CLIENT_ID',
      'must be 1 to 64 characters of A-Z a-z 0-9 . _ - and start with a letter or digit',
    );
  }
  return value;
}

function readAdminClientSecret(value: string | undefined, id: string): string | undefined {
  if (value === undefined) return undefined;
  const outside = value.length < 8 || value.length > 255 ? 'must be 8 to 255 characters' : undefined;
  const wrong = outside ?? weaknessOf(value, id);
  if (wrong) throw new InvalidSetting('LATCHKEY_ADMIN_CLIENT_SECRET', wrong);
  return value;
}

function readTls(read: (name: string) => string | undefined): Settings['tls'] {
  const certFile = read('LATCHKEY_TLS_CERT');
  const keyFile = read('LATCHKEY_TLS_KEY');
  if (certFile && keyFile) return { certFile, keyFile };
  if (certFile) throw new InvalidSetting('LATCHKEY_TLS_KEY', 'is required with LATCHKEY_TLS_CERT');
  if (keyFile) throw new InvalidSetting('LATCHKEY_TLS_CERT', 'is required with LATCHKEY_TLS_KEY');
  return undefined;
}

function readFailuresPerMinute(value = '20'): number {
  if (!/^\d{1,6}$/.test(value)) {
    throw new InvalidSetting('LATCHKEY_FAILURES_PER_MINUTE', 'must be a whole number from 0 (off) to 999999');
  }
  return Number(value);
}

function readWorkers(value = '1'): number {
  if (value === 'auto') return availableParallelism();
  if (!/^[1-9]\d{0,2}$/.test(value)) {
    throw new InvalidSetting('LATCHKEY_WORKERS', 'must be auto or a whole number from 1 to 999');
  }
  return Number(value);
}

function readChoice<T extends string>(name: string, value: string, choices: readonly T[]): T {
  const choice = choices.find((known) => known === value);
  if (choice === undefined) throw new InvalidSetting(name, `must be one of ${choices.join(', ')}`);
  return choice;
}

import path from 'node:path';
import type { LevelWithSilent } from 'pino';
import { isId } from '../protocol/identifier.js';
import { readConnectionSettings } from './connection-settings.js';
import { readDatabaseUrl } from './database-url.js';
import { readWatchSettings, readWebhookSettings } from './event-settings.js';
import { InvalidSetting } from './invalid-setting.js';
import { readIssuer, readPublicUrl } from './issuer-settings.js';
import { readMasterKeys } from './key-settings.js';
import { readMetricsSettings } from './metrics-settings.js';
import { readAllowedHosts, readTrustedProxies } from './proxy-settings.js';
import { isAllowed, isOn, readChoice, readWholeNumber } from './setting-kinds.js';
import {
  type Environment,
  type ReadSetting,
  readPort,
  SECRET_SETTINGS,
  settingReader,
} from './setting-reader.js';
import { DISCOVERY_DIALECT, type Settings, UNREGISTERED_AUDIENCE } from './settings.js';
import { readTracing } from './tracing-settings.js';
import { weaknessOf } from './weak-secret.js';

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

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
  'UNUSED_CLIENT_DAYS',
  'REFUSAL_SPIKE_COUNT',
  'REFUSAL_SPIKE_RATIO',
  'CONSOLE',
];

/** Reads and validates every setting; throws InvalidSetting for the first invalid one. */
export function readSettings(env: Environment = process.env): Settings {
  const read = settingReader(env);
  const addresses = readAddresses(read);
  return {
    ...addresses,
    ...readStorage(read),
    ...readAdministrator(read),
    ...readConnectionSettings(read),
    trustedProxies: readTrustedProxies(read('LATCHKEY_TRUSTED_PROXIES')),
    allowedHosts: readAllowedHosts(read('LATCHKEY_ALLOWED_HOSTS')),
    unregisteredAudience: readChoice(read, 'LATCHKEY_UNREGISTERED_AUDIENCE', UNREGISTERED_AUDIENCE, 'policy'),
    discoveryDialect: readChoice(read, 'LATCHKEY_DISCOVERY_DIALECT', DISCOVERY_DIALECT, 'native'),
    allowPrivateJwksUri: isAllowed(read, 'LATCHKEY_PRIVATE_JWKS_URI'),
    failuresPerMinute: readFailuresPerMinute(read('LATCHKEY_FAILURES_PER_MINUTE')),
    auditRetentionDays: readWholeNumber(
      read,
      'LATCHKEY_AUDIT_RETENTION_DAYS',
      { min: 0, max: 99_999 },
      '400',
    ),
    metrics: readMetricsSettings(read, addresses.port),
    accessLog: isOn(read, 'LATCHKEY_ACCESS_LOG', 'off'),
    auditLog: isOn(read, 'LATCHKEY_AUDIT_LOG', 'off'),
    webhook: readWebhookSettings(read, isAllowed(read, 'LATCHKEY_PRIVATE_WEBHOOK_URL')),
    watch: readWatchSettings(read),
    tracing: readTracing(read),
    console: isOn(read, 'LATCHKEY_CONSOLE', 'on'),
    logLevel: readChoice<LevelWithSilent>(read, 'LATCHKEY_LOG_LEVEL', LOG_LEVELS, 'info'),
  };
}

/** Where this server listens and how clients reach it. */
function readAddresses(read: ReadSetting) {
  const tls = readTls(read);
  const port = readPort('PORT', read('PORT') ?? '8080');
  const publicUrl = readPublicUrl(
    read('LATCHKEY_PUBLIC_URL'),
    port,
    tls !== undefined,
    isAllowed(read, 'LATCHKEY_PLAIN_HTTP'),
  );
  const oidcIssuer = `${publicUrl}/oidc`;
  return {
    port,
    host: read('HOST') ?? '127.0.0.1',
    tls,
    publicUrl,
    rootIssuer: readIssuer(read('LATCHKEY_ISSUER'), oidcIssuer) ?? `${publicUrl}/`,
    oidcIssuer,
  };
}

function readStorage(read: ReadSetting) {
  const dataDir = path.resolve(read('LATCHKEY_DATA_DIR') ?? 'data');
  const database = readDatabaseUrl(read('DATABASE_URL'), dataDir);
  const masterKeys = readMasterKeys(read('LATCHKEY_MASTER_KEY'));
  if (masterKeys.length === 0 && 'host' in database) {
    throw new InvalidSetting(
      'LATCHKEY_MASTER_KEY',
      'is required with a database server: set it to 32 random bytes in Base64 (openssl rand -base64 32)',
    );
  }
  return { dataDir, database, masterKeys };
}

function readAdministrator(read: ReadSetting) {
  const adminClientId = readAdminClientId(read('LATCHKEY_ADMIN_CLIENT_ID'));
  const secret = read('LATCHKEY_ADMIN_CLIENT_SECRET');
  return { adminClientId, adminClientSecret: readAdminClientSecret(secret, adminClientId) };
}

/** Names that begin with LATCHKEY_ but are not settings of this version: misspelled, or of a later version. */
export function unknownSettings(env: Environment = process.env): string[] {
  const files = SECRET_SETTINGS.map((name) => `${name}_FILE`);
  const known = new Set([...KNOWN.map((name) => `LATCHKEY_${name}`), ...files]);
  return Object.keys(env).filter((name) => name.startsWith('LATCHKEY_') && !known.has(name));
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

function readTls(read: ReadSetting): Settings['tls'] {
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

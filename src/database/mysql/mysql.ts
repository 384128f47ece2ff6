import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { type ConnectionOptions, createPool, type PoolOptions, type SslOptions } from 'mysql2';
import type { Pool } from 'mysql2/promise';
import { asSettingError, InvalidSetting } from '../../config/invalid-setting.js';
import type { MysqlSettings, MysqlTls } from '../../config/settings.js';
import { syncReads } from './galera.js';
import { dial, type MysqlConnections, type Watching } from './mysql-connections.js';

/** Includes the handshake; together with the queue before it, a caller is answered within three seconds. */
const CONNECT_TIMEOUT_MS = 2000;

/**
 * Makes the server end transactions and connections that a broken network path has orphaned, with their locks:
 * MariaDB an idle transaction, MySQL the connection. This process retires an idle connection sooner.
 */
const END_ORPHANS = 'SET SESSION wait_timeout = 90 /*M!100301 , SESSION idle_transaction_timeout = 5 */';

/**
 * Session variables that must not depend on server defaults: how text is decoded, whether an oversized value is an
 * error, how quotes are escaped, and when a statement is committed.
 */
const OWN_SESSION = [
  'character_set_client = utf8mb4',
  'character_set_results = utf8mb4',
  'collation_connection = utf8mb4_bin',
  `sql_mode = 'STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION'`,
  'autocommit = 1',
];

const known = new WeakMap<MysqlSettings, ConnectionOptions>();

/**
 * The options of every MySQL connection: address, user, encryption, UTC and bounded waits. Created once, so that the
 * PEM files are read once.
 */
export function mysqlOptions(settings: MysqlSettings): ConnectionOptions {
  let options = known.get(settings);
  if (!options) {
    options = makeOptions(settings);
    known.set(settings, options);
  }
  return options;
}

function makeOptions(settings: MysqlSettings): ConnectionOptions {
  const { host, port, socket, user, password, database, tls } = settings;
  return {
    host: tls?.name ?? host,
    port,
    user,
    password,
    database,
    ...(tls ? { ssl: encryption(tls) } : {}),
    stream: () => dial(settings),
    ...(socket === undefined ? {} : { socketPath: socket }),
    timezone: 'Z',
    charset: 'utf8mb4_bin',
    connectTimeout: CONNECT_TIMEOUT_MS,
    supportBigNumbers: true,
    // Returns exact numbers as numbers.
    bigNumberStrings: false,
    // The driver would capture a stack trace for each statement, which costs more than sending it.
    trace: false,
  };
}

function encryption({ verify, caFile, certFile, keyFile }: MysqlTls): SslOptions {
  const ssl = {
    ...pem('ca', 'tls_ca', caFile),
    ...pem('cert', 'tls_cert', certFile),
    ...pem('key', 'tls_key', keyFile),
    minVersion: 'TLSv1.2',
    rejectUnauthorized: verify,
    verifyIdentity: verify,
  };
  try {
    createSecureContext({ ...ssl, minVersion: 'TLSv1.2' });
  } catch {
    throw new InvalidSetting('DATABASE_URL', 'tls_cert and tls_key are not a PEM certificate and its key');
  }
  return ssl;
}

function pem(option: string, parameter: string, file: string | undefined): Record<string, string> {
  if (file === undefined) return {};
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw asSettingError(`DATABASE_URL: ${parameter}`, error, file);
  }
  if (!text.includes('-----BEGIN '))
    throw new InvalidSetting('DATABASE_URL', `${parameter}: ${file} is not PEM`);
  return { [option]: text };
}

export interface PoolSize {
  connections: number;
  /** Seconds that a statement waits for a row lock; the server's default exceeds every request timeout. */
  lockWaitSeconds?: number;
  watching?: Watching;
}

export const poolOptions = (
  settings: MysqlSettings,
  { connections }: PoolSize,
  guard?: MysqlConnections,
): PoolOptions => ({
  ...mysqlOptions(settings),
  ...(guard ? { stream: guard.open } : {}),
  connectionLimit: connections,
  maxIdle: connections,
  queueLimit: 1000,
});

/** A pool for raw SQL, separate from TypeORM's, for the hot paths. */
export function openMysqlPool(settings: MysqlSettings, size: PoolSize, guard?: MysqlConnections): Pool {
  return prepared(createPool(poolOptions(settings, size, guard)), size, guard).promise();
}

type CallbackPool = ReturnType<typeof createPool>;

/** Sets the session variables on every new connection of a pool before its first statement. */
export function prepared(pool: CallbackPool, size: PoolSize, guard?: MysqlConnections): CallbackPool {
  const { lockWaitSeconds, watching } = size;
  syncReads(pool);
  pool.on('connection', (connection) => {
    const lockWait = lockWaitSeconds === undefined ? [] : [`innodb_lock_wait_timeout = ${lockWaitSeconds}`];
    connection.query(`SET SESSION ${[...OWN_SESSION, ...lockWait].join(', ')}`, () => {});
    if (!watching || !guard) return;
    connection.query(END_ORPHANS, () => {});
    guard.watch(connection, watching);
  });
  return pool;
}

import type { Socket } from 'node:net';
import { type ConnectionOptions, createPool, type PoolConnection, type PoolOptions } from 'mysql2';
import type { Pool } from 'mysql2/promise';
import type { ServerSettings } from '../../config/settings.js';
import type { ConnectionGuard, Watchable } from '../server/connection-guard.js';
import { certifiedName, dial, serverOf } from '../server/dial.js';
import { encryption } from '../server/encryption.js';
import type { Hosts } from '../server/hosts/hosts.js';
import type { PoolSize } from '../server/pool-size.js';
import { alterEverywhere, syncReads } from './galera.js';

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

const known = new WeakMap<ServerSettings, ConnectionOptions>();

/**
 * The options of every MySQL connection: address, user, encryption, UTC and bounded waits. Created once, so that the
 * PEM files are read once.
 */
export function mysqlOptions(settings: ServerSettings): ConnectionOptions {
  let options = known.get(settings);
  if (!options) {
    options = makeOptions(settings);
    known.set(settings, options);
  }
  return options;
}

function makeOptions(settings: ServerSettings): ConnectionOptions {
  const { port, socket, user, password, database, tls } = settings;
  return {
    host: certifiedName(settings),
    port,
    user,
    password,
    database,
    ...(tls ? { ssl: { ...encryption(tls), verifyIdentity: tls.verify } } : {}),
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

/**
 * The driver verifies the certificate against the options, which a pool has once: they follow the host to which the
 * socket leads.
 */
const streamOf =
  (open: () => Socket) =>
  ({ config }: { config: ConnectionOptions }): Socket => {
    const socket = open();
    const server = serverOf(socket);
    if (server) Object.assign(config, { host: certifiedName(server), port: server.port });
    return socket;
  };

export const poolOptions = (
  hosts: Hosts,
  { connections }: PoolSize,
  guard?: ConnectionGuard,
): PoolOptions => ({
  ...mysqlOptions(hosts.current),
  stream: streamOf(guard?.open ?? hosts.dial),
  connectionLimit: connections,
  maxIdle: connections,
  queueLimit: 1000,
});

/** A pool for raw SQL, separate from TypeORM's, for the hot paths. */
export function openMysqlPool(hosts: Hosts, size: PoolSize, guard?: ConnectionGuard): Pool {
  return prepared(createPool(poolOptions(hosts, size, guard)), size, guard).promise();
}

type CallbackPool = ReturnType<typeof createPool>;

/** Sets the session variables on every new connection of a pool before its first statement. */
export function prepared(pool: CallbackPool, size: PoolSize, guard?: ConnectionGuard): CallbackPool {
  const { lockWaitSeconds, watching } = size;
  syncReads(pool);
  if (!watching) alterEverywhere(pool);
  pool.on('connection', (connection) => {
    const lockWait = lockWaitSeconds === undefined ? [] : [`innodb_lock_wait_timeout = ${lockWaitSeconds}`];
    connection.query(`SET SESSION ${[...OWN_SESSION, ...lockWait].join(', ')}`, () => {});
    if (!watching || !guard) return;
    connection.query(END_ORPHANS, () => {});
    const forget = guard.watch(watchable(connection as Driven), watching);
    connection.once('error', forget);
    connection.once('end', forget);
  });
  return pool;
}

/** Internals of the driver's connection that its types omit. */
type Driven = PoolConnection & {
  /** The statement in progress; null between statements. */
  _command: object | null | undefined;
  /** Whether it is idle in its pool. */
  _released: boolean;
  stream: Socket;
};

const watchable = (connection: Driven): Watchable => ({
  get stream() {
    return connection.stream;
  },
  statement: () => connection._command ?? null,
  isReleased: () => connection._released,
  destroy: () => connection.destroy(),
});

/** The driver drops the pending statement of a destroyed connection; only an error on its stream rejects it. */
export function cutConnection(connection: unknown, error: Error): void {
  const driven = connection as Driven;
  driven.stream.destroy(error);
  driven.destroy();
}

import pg from 'pg';
import type { ConnectionGuard, Watchable } from '../server/connection-guard.js';
import { unanswered } from '../server/dial.js';
import type { Hosts } from '../server/hosts/hosts.js';
import type { PoolSize } from '../server/pool-size.js';
import { cancelStatement } from './postgres-cancel.js';
import { clientOptions, type Driven, PostgresClient, streamOf } from './postgres-client.js';

/** Ends a transaction whose client has vanished behind a broken network path, with its locks. */
const MAX_IDLE_TRANSACTION_MS = 5000;
const MAX_CLOSE_MS = 1000;
/** The server ends a statement before the guard abandons its connection. */
const SERVER_LEAD_MS = 250;

/**
 * Limits that must not depend on the server's defaults. They end with the transaction, because a pooler may give the
 * session to another client afterwards.
 */
export function beginOf({ lockWaitSeconds = 0, watching }: PoolSize): string {
  return [
    'BEGIN ISOLATION LEVEL READ COMMITTED',
    `SET LOCAL lock_timeout = ${lockWaitSeconds * 1000}`,
    `SET LOCAL statement_timeout = ${watching ? watching.statementMs - SERVER_LEAD_MS : 0}`,
    `SET LOCAL idle_in_transaction_session_timeout = ${watching ? MAX_IDLE_TRANSACTION_MS : 0}`,
  ].join('; ');
}

/**
 * Without a limit: a COMMIT that is cancelled while it waits for a synchronous standby succeeds, with a warning that the
 * standby may not have it.
 */
export const COMMIT = 'SET LOCAL statement_timeout = 0; COMMIT';

/** A pool for raw SQL, separate from TypeORM's, for the hot paths. */
export class PostgresPool extends pg.Pool {
  readonly begin: string;
  private readonly connections = new Set<Driven>();
  private readonly released = new WeakSet<object>();

  constructor(hosts: Hosts, size: PoolSize, guard?: ConnectionGuard, more: Record<string, unknown> = {}) {
    super(poolOptions(hosts, size, guard, more));
    this.begin = beginOf(size);
    this.on('connect', (client) => {
      const driven = client as unknown as Driven;
      this.connections.add(driven);
      if (guard && size.watching) guard.watch(this.watchable(driven), size.watching);
    });
    this.on('remove', (client) => this.connections.delete(client as unknown as Driven));
    this.on('acquire', (client) => this.released.delete(client));
    this.on('release', (_error, client) => this.released.add(client));
    // A connection that fails while it is idle is replaced.
    this.on('error', () => undefined);
  }

  async close(): Promise<void> {
    await this.end();
  }

  /** A server that no longer answers would not complete a clean disconnect. */
  override end(callback?: () => void): Promise<void> & undefined {
    setTimeout(() => {
      for (const { connection } of this.connections) connection.stream.destroy();
    }, MAX_CLOSE_MS).unref();
    return (callback ? super.end(callback) : super.end()) as Promise<void> & undefined;
  }

  private watchable(driven: Driven): Watchable {
    return {
      stream: driven.connection.stream,
      statement: () => driven._getActiveQuery() ?? driven._sentQueryQueue[0] ?? null,
      isReleased: () => this.released.has(driven),
      destroy: () => cutConnection(driven, unanswered()),
      cancel: () => cancelStatement(driven),
    };
  }
}

const poolOptions = (
  hosts: Hosts,
  { connections }: PoolSize,
  guard: ConnectionGuard | undefined,
  more: Record<string, unknown>,
): pg.PoolConfig => ({
  ...clientOptions(hosts.current),
  stream: streamOf(guard?.open ?? hosts.dial),
  max: connections,
  // The guard retires idle connections.
  idleTimeoutMillis: 0,
  ...{ Client: PostgresClient, pipeline: true, ...more },
});

/** The pool removes a connection that reports an error. */
export function cutConnection(connection: unknown, error: Error): void {
  (connection as Driven).connection.stream.destroy(error);
}

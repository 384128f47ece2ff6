/**
 * A Galera node applies another node's commits with a short delay. With this, a SELECT, BEGIN (1), UPDATE or DELETE
 * (2) waits until it has caught up, so that what was confirmed is visible on every node. An INSERT need not wait: a
 * duplicate key on another node fails the commit. MariaDB without a cluster ignores the variable; MySQL does not have
 * it.
 */
const SYNC_WAIT = 'SET SESSION wsrep_sync_wait = 3';

interface Connections {
  on(event: 'connection', listener: (connection: Queries) => void): unknown;
}
interface Queries {
  query(sql: string, done: () => void): unknown;
}

/** A connection error surfaces in the statement queued behind this one. */
export function syncReads(pool: Connections): void {
  pool.on('connection', (connection) => connection.query(SYNC_WAIT, () => undefined));
}

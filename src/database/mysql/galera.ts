/**
 * A Galera node applies what another one has committed a moment later. With this, a SELECT, BEGIN (1), UPDATE or DELETE
 * (2) waits until it has: what was answered holds on every node. An INSERT need not wait, because a key that another
 * node has taken fails at the commit. MariaDB without a cluster ignores it, and MySQL does not have it.
 */
const SYNC_WAIT = 'SET SESSION wsrep_sync_wait = 3';

interface Connections {
  on(event: 'connection', listener: (connection: Queries) => void): unknown;
}
interface Queries {
  query(sql: string, done: () => void): unknown;
}

/** What is wrong with a connection shows in the statement that waits behind this one. */
export function syncReads(pool: Connections): void {
  pool.on('connection', (connection) => connection.query(SYNC_WAIT, () => undefined));
}

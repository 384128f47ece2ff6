/**
 * A Galera node applies another node's commits with a short delay. With this, a SELECT, BEGIN (1), UPDATE or DELETE
 * (2) waits until it has caught up, so that what was confirmed is visible on every node. An INSERT need not wait: a
 * duplicate key on another node fails the commit. MariaDB without a cluster ignores the variable; MySQL does not have
 * it.
 */
const SYNC_WAIT = 'SET SESSION wsrep_sync_wait = 3';

/** With RSU, a node would run the statements of a migration for itself only. Servers without Galera ignore or reject it. */
const ALTER_EVERYWHERE = "SET SESSION wsrep_OSU_method = 'TOI'";

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

/** For connections that change the schema. */
export function alterEverywhere(pool: Connections): void {
  pool.on('connection', (connection) => connection.query(ALTER_EVERYWHERE, () => undefined));
}

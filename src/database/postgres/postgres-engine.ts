import type { DataSourceOptions } from 'typeorm';
import type { ServerSettings } from '../../config/settings.js';
import type { Statement } from '../durable-writer.js';
import type { Run } from '../engine/run.js';
import type { ConnectionGuard } from '../server/connection-guard.js';
import type { PoolSize } from '../server/pool-size.js';
import type { HeartbeatDriver } from '../server/probe.js';
import { ServerEngine } from '../server/server-engine.js';
import { checkServer } from './postgres-check.js';
import { LOST_RACE } from './postgres-errors.js';
import { postgresHeartbeatDriver } from './postgres-heartbeat.js';
import { withPostgresLock } from './postgres-lock.js';
import { ormPool } from './postgres-orm.js';
import { cutConnection, PostgresPool } from './postgres-pool.js';
import { PostgresReadPool } from './postgres-read-pool.js';
import { POSTGRES_SCHEMA } from './postgres-schema.js';
import { PostgresSearchPool } from './postgres-search-pool.js';
import { postgresSettingError } from './postgres-setting-error.js';
import { PostgresWindowCounts } from './postgres-window-counts.js';
import { PostgresWritePool } from './postgres-write-pool.js';

/** Besides the session that asks, the holder of the start lock, and the server's own workers. */
const COUNT_OTHERS = `SELECT COUNT(*) AS others FROM pg_stat_activity
  WHERE datname = CURRENT_DATABASE() AND usename IS NOT NULL AND pid <> pg_backend_pid()
    AND pid NOT IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted)`;

/** PostgreSQL 14 and later, on the driver pg. */
export class PostgresEngine extends ServerEngine<PostgresPool> {
  readonly schema = POSTGRES_SCHEMA;
  readonly currentTime =
    'SELECT CAST(EXTRACT(EPOCH FROM CURRENT_TIMESTAMP) * 1000000 AS bigint) AS microseconds';
  readonly beginSnapshot = [
    'START TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY',
    'SET LOCAL statement_timeout = 0',
    'SET LOCAL idle_in_transaction_session_timeout = 0',
  ];
  protected readonly lostRace = LOST_RACE;

  check(): Promise<string[]> {
    return checkServer(this.settings);
  }

  withStartLock<T>(work: () => Promise<T>): Promise<T> {
    return withPostgresLock(this.settings, work);
  }

  async otherConnections(run: Run): Promise<number> {
    const [row] = await run(COUNT_OTHERS, []);
    return Number(row?.others);
  }

  /** As the planner does: the rows per page of the last ANALYZE or VACUUM, times the current pages. */
  estimate(table: string): Statement {
    return {
      sql: `SELECT CASE WHEN relpages > 0 THEN CAST(reltuples * (pg_relation_size(oid) /
          CAST(current_setting('block_size') AS bigint)) / relpages AS bigint) ELSE 0 END AS row_count,
        pg_total_relation_size(oid) AS bytes FROM pg_class WHERE oid = to_regclass(?)`,
      values: [table],
    };
  }

  protected heartbeatDriver(server: ServerSettings): HeartbeatDriver {
    return postgresHeartbeatDriver(server);
  }

  protected explainError(setting: string, error: unknown, server: ServerSettings): unknown {
    return postgresSettingError(setting, error, server);
  }

  protected get ormConnection(): DataSourceOptions {
    const { host, port, user, database } = this.settings;
    return { type: 'postgres', host, port, username: user, database, installExtensions: false };
  }

  protected ormPool(size: PoolSize, guard?: ConnectionGuard): object {
    return ormPool(this.hosts, size, guard);
  }

  protected openPool(size: PoolSize, guard?: ConnectionGuard): PostgresPool {
    return new PostgresPool(this.hosts, size, guard);
  }

  protected cutConnection(connection: unknown, error: Error): void {
    cutConnection(connection, error);
  }

  protected writePool(pool: PostgresPool): PostgresWritePool {
    return new PostgresWritePool(pool);
  }

  protected readPool(pool: PostgresPool): PostgresReadPool {
    return new PostgresReadPool(pool);
  }

  protected searchPool(open: (size: PoolSize) => PostgresPool): PostgresSearchPool {
    return new PostgresSearchPool(open);
  }

  protected windowCounts(pool: PostgresPool): PostgresWindowCounts {
    return new PostgresWindowCounts(pool);
  }
}

import pg from 'pg';
import type { ConnectionGuard } from '../server/connection-guard.js';
import type { Hosts } from '../server/hosts/hosts.js';
import type { PoolSize } from '../server/pool-size.js';
import { ORM_TYPES, PostgresClient } from './postgres-client.js';
import { beginOf, COMMIT, PostgresPool } from './postgres-pool.js';

/**
 * TypeORM creates its pool with the driver's `Pool`, which is overridden to guard its connections and to limit its
 * transactions like those of other pools.
 */
export function ormPool(hosts: Hosts, size: PoolSize, guard: ConnectionGuard | undefined) {
  const limited: Readonly<Record<string, string>> = { 'START TRANSACTION': beginOf(size), COMMIT };
  class OrmClient extends PostgresClient {
    // biome-ignore lint/suspicious/noExplicitAny: the driver's method has a dozen signatures.
    override query(statement: any, ...rest: any[]): any {
      return super.query(limited[statement as string] ?? statement, ...rest);
    }
  }
  class OrmPool extends PostgresPool {
    constructor() {
      super(hosts, size, guard, { Client: OrmClient, types: ORM_TYPES });
    }
  }
  return { driver: { ...pg, Pool: OrmPool } };
}

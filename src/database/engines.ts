import type { DatabaseSettings } from '../config/settings.js';
import type { DatabaseEngine } from './engine/engine.js';
import { MysqlEngine } from './mysql/mysql-engine.js';
import { PostgresEngine } from './postgres/postgres-engine.js';
import { SqliteEngine } from './sqlite/sqlite-engine.js';

export function engineOf(database: DatabaseSettings): DatabaseEngine {
  switch (database.engine) {
    case 'sqlite':
      return new SqliteEngine(database);
    case 'mysql':
      return new MysqlEngine(database);
    case 'postgres':
      return new PostgresEngine(database);
  }
}

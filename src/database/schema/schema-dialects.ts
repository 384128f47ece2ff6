import type { SchemaDialect } from '../engine/schema-dialect.js';
import { MYSQL_SCHEMA } from '../mysql/mysql-schema.js';
import { POSTGRES_SCHEMA } from '../postgres/postgres-schema.js';
import { SQLITE_SCHEMA } from '../sqlite/sqlite-schema.js';

/** By the type of TypeORM's connection. */
const DIALECTS: Readonly<Record<string, SchemaDialect>> = {
  'better-sqlite3': SQLITE_SCHEMA,
  mysql: MYSQL_SCHEMA,
  postgres: POSTGRES_SCHEMA,
};

export function schemaDialectOf(type: string): SchemaDialect {
  const dialect = DIALECTS[type];
  if (!dialect) throw new Error(`there is no schema for ${type}`);
  return dialect;
}

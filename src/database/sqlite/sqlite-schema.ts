import type { SchemaDialect } from '../engine/schema-dialect.js';

export const SQLITE_SCHEMA: SchemaDialect = {
  ascii: {},
  unicode: {},
  asciiSql: '',
  unicodeSql: '',
  bigTextType: 'text',
  flagType: 'boolean',
  table: { withoutRowid: true },
  insertMissing: (rest) => `INSERT OR IGNORE INTO ${rest}`,
  createIndex: 'CREATE INDEX IF NOT EXISTS',
  exists: {},
  unknownColumn: 'SQLITE_ERROR',
};

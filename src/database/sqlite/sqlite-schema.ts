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
  shareItem: (array, object, member) =>
    `EXISTS (SELECT 1 FROM json_each(${array}) a JOIN json_each(${object}, '$.${member}') b ON b.value = a.value)`,
  addOnDuplicate: (table, key, sum) =>
    `ON CONFLICT (${key.join(', ')}) DO UPDATE SET ${sum} = ${table}.${sum} + excluded.${sum}`,
  keepGreaterOnDuplicate: (table, key, value) =>
    `ON CONFLICT (${key.join(', ')}) DO UPDATE SET ${value} = MAX(${table}.${value}, excluded.${value})`,
  createIndex: 'CREATE INDEX IF NOT EXISTS',
  exists: {},
  unknownColumn: 'SQLITE_ERROR',
};

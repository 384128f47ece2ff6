import type { SchemaDialect } from '../engine/schema-dialect.js';

const bytewise = { collation: 'C' };
const BYTEWISE = ' COLLATE "C"';

/** A failed step would abort the transaction of its migration, so none may fail because it is done already. */
export const POSTGRES_SCHEMA: SchemaDialect = {
  ascii: bytewise,
  unicode: bytewise,
  asciiSql: BYTEWISE,
  unicodeSql: BYTEWISE,
  bigTextType: 'text',
  flagType: 'boolean',
  table: {},
  insertMissing: (rest) => `INSERT INTO ${rest} ON CONFLICT DO NOTHING`,
  shareItem: (array, object, member) =>
    `EXISTS (SELECT 1 FROM jsonb_array_elements(CAST(${array} AS jsonb)) a
      WHERE CAST(${object} AS jsonb) -> '${member}' @> a.value)`,
  addOnDuplicate: (table, key, sum) =>
    `ON CONFLICT (${key.join(', ')}) DO UPDATE SET ${sum} = ${table}.${sum} + excluded.${sum}`,
  keepGreaterOnDuplicate: (table, key, value) =>
    `ON CONFLICT (${key.join(', ')}) DO UPDATE SET ${value} = GREATEST(${table}.${value}, excluded.${value})`,
  createIndex: 'CREATE INDEX IF NOT EXISTS',
  exists: {},
  unknownColumn: '42703',
};

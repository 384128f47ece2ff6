import type { SchemaDialect } from '../engine/schema-dialect.js';

export const MYSQL_SCHEMA: SchemaDialect = {
  ascii: { charset: 'ascii', collation: 'ascii_bin' },
  unicode: { charset: 'utf8mb4', collation: 'utf8mb4_bin' },
  asciiSql: ' CHARACTER SET ascii COLLATE ascii_bin',
  unicodeSql: ' CHARACTER SET utf8mb4 COLLATE utf8mb4_bin',
  bigTextType: 'mediumtext',
  flagType: 'tinyint',
  table: { engine: 'InnoDB' },
  insertMissing: (rest) => `INSERT IGNORE INTO ${rest}`,
  shareItem: (array, object, member) =>
    `COALESCE(JSON_OVERLAPS(${array}, JSON_EXTRACT(${object}, '$.${member}')), FALSE)`,
  addOnDuplicate: (_table, _key, sum) => `ON DUPLICATE KEY UPDATE ${sum} = ${sum} + VALUES(${sum})`,
  keepGreaterOnDuplicate: (_table, _key, value) =>
    `ON DUPLICATE KEY UPDATE ${value} = GREATEST(${value}, VALUES(${value}))`,
  createIndex: 'CREATE INDEX',
  exists: { table: 'ER_TABLE_EXISTS_ERROR', column: 'ER_DUP_FIELDNAME', index: 'ER_DUP_KEYNAME' },
  droppedColumn: 'ER_CANT_DROP_FIELD_OR_KEY',
  unknownColumn: 'ER_BAD_FIELD_ERROR',
};

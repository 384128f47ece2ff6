import { engine } from './database.js';
import { openRows } from './rows.js';
import { POSTGRES_COLUMNS, POSTGRES_INDICES, POSTGRES_SHAPE } from './schema-sql.js';
import type { TestServer } from './server.js';

type Place = Pick<TestServer, 'databaseUrl' | 'dataDir'>;

const COLUMNS = `SELECT table_name AS t, column_name AS c, ordinal_position AS place, column_type AS type,
  collation_name AS collation, is_nullable AS nullable, column_default AS usual, column_key AS keyed
  FROM information_schema.columns WHERE table_schema = DATABASE() ORDER BY 1, 3`;
const INDICES = `SELECT table_name AS t, index_name AS i, seq_in_index AS place, column_name AS c, non_unique AS u
  FROM information_schema.statistics WHERE table_schema = DATABASE() ORDER BY 1, 2, 3`;
const SQLITE = 'SELECT name, sql FROM sqlite_master ORDER BY name';
const SCHEMAS = {
  sqlite: [SQLITE],
  mysql: [COLUMNS, INDICES],
  postgres: [POSTGRES_SHAPE, POSTGRES_INDICES],
};
const SEEDS = ['SELECT id FROM resource ORDER BY id', 'SELECT name FROM migration ORDER BY id'];
const CHAIN = ['SELECT id FROM audit_head', 'SELECT id FROM audit_anchor', 'SELECT id FROM audit_scan'];

/** The schema, and the rows that the migrations insert. */
export async function shapeOf(server: Place): Promise<unknown[]> {
  const rows = await openRows(server);
  try {
    const found = [];
    const schema = SCHEMAS[engine];
    for (const sql of [...schema, ...SEEDS, ...CHAIN]) found.push(await rows.all(sql));
    return found;
  } finally {
    await rows.close();
  }
}

export interface Column {
  table: string;
  name: string;
  /** Without its length: `varchar`, `text`, `mediumtext`, `bigint`. */
  type: string;
  length: number | undefined;
  isText: boolean;
  isFlag: boolean;
  isNullable: boolean;
  isKey: boolean;
  /** Whether it accepts ASCII only. */
  ascii: boolean;
}

/** TypeORM's table of migrations. */
const NOT_OURS = 'migration';

const MYSQL_COLUMNS = `SELECT c.table_name AS t, c.column_name AS c, c.column_type AS type,
  c.is_nullable AS nullable, c.column_key AS keyed, c.character_set_name AS charset
  FROM information_schema.columns c WHERE c.table_schema = DATABASE()`;
const SQLITE_COLUMNS = `SELECT m.name AS t, c.name AS c, c.type AS type,
  CASE c."notnull" WHEN 0 THEN 'YES' END AS nullable, CASE c.pk WHEN 0 THEN '' ELSE 'PRI' END AS keyed
  FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table'`;

const COLUMNS_OF = { sqlite: SQLITE_COLUMNS, mysql: MYSQL_COLUMNS, postgres: POSTGRES_COLUMNS };

/** All columns of all tables, from the catalog of the database. */
export async function columnsOf(
  query: (sql: string) => Promise<Record<string, string>[]>,
): Promise<Column[]> {
  const rows = await query(COLUMNS_OF[engine]);
  return rows.filter(({ t }) => t !== NOT_OURS).map(columnOf);
}

function columnOf({
  t = '',
  c = '',
  type: declared = '',
  nullable,
  keyed,
  charset,
}: Record<string, string>): Column {
  const [, type = '', length] = /^(\w+)[^(]*(?:\((\d+)\))?/.exec(declared.toLowerCase()) ?? [];
  const isText = /char|text/.test(type);
  return {
    table: t,
    name: c,
    type,
    length: isText && length !== undefined ? Number(length) : undefined,
    isText,
    isFlag: /tinyint|boolean/.test(type),
    isNullable: nullable === 'YES',
    isKey: keyed === 'PRI',
    ascii: charset === 'ascii',
  };
}

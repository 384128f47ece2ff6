import { type QueryRunner, Table, type TableColumnOptions } from 'typeorm';

/*
 * Repeatable migration steps. MySQL commits at each DDL statement, so a process killed during a migration leaves it
 * half done, and two nodes of a cluster may run the same migration at once. Each step is skipped if already done;
 * every migration consists of such steps.
 */

const UNKNOWN_COLUMN = new Set(['ER_BAD_FIELD_ERROR', 'SQLITE_ERROR']);

/** A table with a text key is clustered by its key on both engines, so that new rows are appended at its end. */
export async function createTable(
  queryRunner: QueryRunner,
  name: string,
  columns: TableColumnOptions[],
  indices: string[][] = [],
): Promise<void> {
  const table = new Table({
    name,
    columns,
    indices: indices.map((columnNames) => ({ name: `${name}_by_${columnNames.join('_')}`, columnNames })),
    ...(isMysql(queryRunner) ? { engine: 'InnoDB' } : { withoutRowid: true }),
  });
  if (await queryRunner.hasTable(name)) await assertOwnTable(queryRunner, table);
  else await unlessDone('ER_TABLE_EXISTS_ERROR', () => queryRunner.createTable(table));
}

/** Uses plain SQL because TypeORM copies the whole table on SQLite. `definition` follows the column's name. */
export async function addColumn(
  queryRunner: QueryRunner,
  table: string,
  column: string,
  definition: string,
): Promise<void> {
  if (await queryRunner.hasColumn(table, column)) return;
  await unlessDone('ER_DUP_FIELDNAME', () =>
    queryRunner.query(`ALTER TABLE ${table} ADD COLUMN ${column} ${definition}`),
  );
}

export async function addIndex(queryRunner: QueryRunner, table: string, columns: string[]): Promise<void> {
  const name = `${table}_by_${columns.join('_')}`;
  const create = `CREATE INDEX ${isMysql(queryRunner) ? '' : 'IF NOT EXISTS '}${name}`;
  await unlessDone('ER_DUP_KEYNAME', () =>
    queryRunner.query(`${create} ON ${table} (${columns.join(', ')})`),
  );
}

/** `rest` follows INSERT INTO; a row whose key already exists is left unchanged. */
export async function insertMissing(
  queryRunner: QueryRunner,
  rest: string,
  values: unknown[] = [],
): Promise<void> {
  await queryRunner.query(`INSERT ${isMysql(queryRunner) ? '' : 'OR '}IGNORE INTO ${rest}`, values);
}

/** Character set and collation of a text column added with plain SQL. */
export const collation = (queryRunner: QueryRunner, charset: 'ascii' | 'utf8mb4'): string =>
  isMysql(queryRunner) ? ` CHARACTER SET ${charset} COLLATE ${charset}_bin` : '';

const isMysql = ({ connection }: QueryRunner): boolean => connection.options.type === 'mysql';

async function unlessDone(code: string, step: () => Promise<unknown>): Promise<void> {
  try {
    await step();
  } catch (error) {
    if ((error as { code?: unknown }).code !== code) throw error;
  }
}

/**
 * Rejects a table of this name that another program created, which an interrupted start could not have left behind.
 * The table itself is queried: on a cluster, information_schema omits a table that another node is creating.
 */
async function assertOwnTable(queryRunner: QueryRunner, { name, columns }: Table): Promise<void> {
  const quoted = (identifier: string) => queryRunner.connection.driver.escape(identifier);
  // Qualified with the table's name: SQLite reads an unknown quoted column name as a string literal.
  const list = columns.map((column) => `${quoted(name)}.${quoted(column.name)}`).join(', ');
  try {
    await queryRunner.query(`SELECT ${list} FROM ${quoted(name)} LIMIT 0`);
  } catch (error) {
    if (!UNKNOWN_COLUMN.has(String((error as { code?: unknown }).code))) throw error;
    throw new Error(`the database has a table ${name} that is not Latchkey's; use a database of its own`);
  }
}

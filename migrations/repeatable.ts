import { type QueryRunner, Table, type TableColumnOptions } from 'typeorm';
import type { SchemaDialect } from '../src/database/engine/schema-dialect.js';
import { schemaDialectOf } from '../src/database/schema/schema-dialects.js';
import { foreignTable } from '../src/database/unusable-database.js';

/*
 * Repeatable migration steps. MySQL commits at each DDL statement, so a process killed during a migration leaves it
 * half done, and two nodes of a cluster may run the same migration at once. Each step is skipped if already done;
 * every migration consists of such steps.
 */

export const dialectOf = ({ connection }: QueryRunner): SchemaDialect =>
  schemaDialectOf(connection.options.type);

/** A table with a text key is clustered by its key where the engine can, so that new rows are appended at its end. */
export async function createTable(
  queryRunner: QueryRunner,
  name: string,
  columns: TableColumnOptions[],
  indices: string[][] = [],
): Promise<void> {
  const { table: kind, exists } = dialectOf(queryRunner);
  const table = new Table({
    name,
    columns,
    indices: indices.map((columnNames) => ({ name: `${name}_by_${columnNames.join('_')}`, columnNames })),
    ...kind,
  });
  if (await queryRunner.hasTable(name)) await assertOwnTable(queryRunner, table);
  else await unlessDone(exists.table, () => queryRunner.createTable(table));
}

/** Uses plain SQL because TypeORM copies the whole table on SQLite. `definition` follows the column's name. */
export async function addColumn(
  queryRunner: QueryRunner,
  table: string,
  column: string,
  definition: string,
): Promise<void> {
  if (await queryRunner.hasColumn(table, column)) return;
  await unlessDone(dialectOf(queryRunner).exists.column, () =>
    queryRunner.query(`ALTER TABLE ${table} ADD COLUMN ${column} ${definition}`),
  );
}

export async function dropColumn(queryRunner: QueryRunner, table: string, column: string): Promise<void> {
  if (!(await queryRunner.hasColumn(table, column))) return;
  await unlessDone(dialectOf(queryRunner).droppedColumn, () =>
    queryRunner.query(`ALTER TABLE ${table} DROP COLUMN ${column}`),
  );
}

export async function addIndex(queryRunner: QueryRunner, table: string, columns: string[]): Promise<void> {
  const name = `${table}_by_${columns.join('_')}`;
  const existing = await queryRunner.getTable(table);
  if (existing?.indices.some((index) => index.name === name)) return;
  const { createIndex, exists } = dialectOf(queryRunner);
  await unlessDone(exists.index, () =>
    queryRunner.query(`${createIndex} ${name} ON ${table} (${columns.join(', ')})`),
  );
}

/** `rest` follows INSERT INTO; a row whose key already exists is left unchanged. */
export async function insertMissing(
  queryRunner: QueryRunner,
  rest: string,
  values: unknown[] = [],
): Promise<void> {
  await queryRunner.query(dialectOf(queryRunner).insertMissing(rest), values);
}

/** Character set and collation of a text column added with plain SQL. */
export const collation = (queryRunner: QueryRunner, charset: 'ascii' | 'utf8mb4'): string =>
  dialectOf(queryRunner)[charset === 'ascii' ? 'asciiSql' : 'unicodeSql'];

async function unlessDone(code: string | undefined, step: () => Promise<unknown>): Promise<void> {
  try {
    await step();
  } catch (error) {
    if (code === undefined || (error as { code?: unknown }).code !== code) throw error;
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
    if ((error as { code?: unknown }).code !== dialectOf(queryRunner).unknownColumn) throw error;
    throw foreignTable(name);
  }
}

import type { DataSource, QueryRunner } from 'typeorm';
import { DATA_SOURCE_OPTIONS } from '../data-source.js';
import { foreignTable } from '../unusable-database.js';
import { TABLES, type Table } from './tables.js';

const { migrationsTableName } = DATA_SOURCE_OPTIONS;

/** Rejects a database in which another application has created a table that a migration would, before any DDL. */
export async function assertNoForeignTable(dataSource: DataSource): Promise<void> {
  const runner = dataSource.createQueryRunner();
  try {
    if (await runner.hasTable(migrationsTableName)) return;
    const found = await firstOf(runner, TABLES);
    // Another node may have begun to migrate in the meantime: its first statement creates this table.
    if (found !== undefined && !(await runner.hasTable(migrationsTableName))) throw foreignTable(found);
  } finally {
    await runner.release();
  }
}

async function firstOf(runner: QueryRunner, tables: readonly Table[]): Promise<string | undefined> {
  for (const { name } of tables) if (await runner.hasTable(name)) return name;
  return undefined;
}

import type { DataSource } from 'typeorm';
import { DATA_SOURCE_OPTIONS } from '../data-source.js';
import { UnusableDatabase } from '../unusable-database.js';
import { SCHEMA } from './tables.js';

/** Rejects a database with a migration that this version does not have, before anything is changed. */
export async function assertNoNewerSchema(dataSource: DataSource): Promise<void> {
  const { migrationsTableName: table } = DATA_SOURCE_OPTIONS;
  const runner = dataSource.createQueryRunner();
  try {
    if (!(await runner.hasTable(table))) return;
    const rows: { name: unknown }[] = await runner.query(`SELECT name FROM ${table} ORDER BY id`);
    const unknown = rows.map(({ name }) => String(name)).find((name) => !SCHEMA.includes(name));
    if (unknown !== undefined) throw newerSchema(unknown);
  } finally {
    await runner.release();
  }
}

const newerSchema = (migration: string): UnusableDatabase =>
  new UnusableDatabase(
    `the database has the schema of a newer version of Latchkey (${migration}): start that version or a later one; ` +
      'to go back, restore a backup from before the upgrade into an empty database with this version',
  );

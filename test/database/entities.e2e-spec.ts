import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataSource, type EntityMetadata, type Table } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readDatabaseUrl } from '../../src/config/database-url.js';
import type { Settings } from '../../src/config/settings.js';
import { migrate } from '../../src/database/database.module.js';
import { loadEngine } from '../../src/database/engines.js';
import { TABLES } from '../../src/database/schema/tables.js';
import { createDatabase, dropDatabase, engine } from '../support/database.js';

interface ColumnShape {
  name: string;
  type: string;
  length: string;
  isNullable: boolean;
  isPrimary: boolean;
}

const byName = (one: { name: string }, other: { name: string }) => (one.name < other.name ? -1 : 1);

/** A large text has a type of its own on MySQL only; an entity is the same on every engine. */
const typeOf = (type: string) => (type === 'mediumtext' ? 'text' : type);

/** On PostgreSQL, TypeORM reads the columns of an index in any order. */
const inOrder = (columns: string[]) => (engine === 'postgres' ? columns.toSorted() : columns);

const src = join(import.meta.dirname, '../../src');

describe('Every entity', () => {
  let dataDir: string;
  let databaseUrl: string | undefined;
  let dataSource: DataSource;

  beforeAll(async () => {
    const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.entity.ts'),
    );
    const modules = await Promise.all(files.map((file) => import(join(src, file))));
    dataDir = mkdtempSync(join(tmpdir(), 'latchkey-entities-'));
    if (engine !== 'sqlite') databaseUrl = await createDatabase();
    const database = readDatabaseUrl(databaseUrl, dataDir);
    await migrate({ database, dataDir } as Settings);
    const entities = modules.flatMap((module) => Object.values(module)) as (() => unknown)[];
    dataSource = new DataSource({ ...(await loadEngine(database)).dataSourceOptions(), entities });
    await dataSource.initialize();
  });
  afterAll(async () => {
    await dataSource?.destroy();
    if (databaseUrl) await dropDatabase(databaseUrl);
    rmSync(dataDir, { recursive: true, force: true });
  });

  const declared = ({ columns, indices }: EntityMetadata) => ({
    columns: columns
      .map(
        (column): ColumnShape => ({
          name: column.databaseName,
          type: typeOf(dataSource.driver.normalizeType(column)),
          length: column.length,
          isNullable: column.isNullable,
          isPrimary: column.isPrimary,
        }),
      )
      .sort(byName),
    indices: indices
      .map(({ name, columns: indexed }) => ({
        name,
        columns: inOrder(indexed.map((column) => column.databaseName)),
      }))
      .sort(byName),
  });

  const migrated = ({ columns, indices }: Table) => ({
    columns: columns
      .map(
        (column): ColumnShape => ({
          name: column.name,
          type: typeOf(column.type),
          length: column.type.includes('char') ? column.length : '',
          isNullable: column.isNullable,
          isPrimary: column.isPrimary,
        }),
      )
      .sort(byName),
    indices: indices
      .map(({ name = '', columnNames }) => ({ name, columns: inOrder(columnNames) }))
      .sort(byName),
  });

  it('declares the columns, types, keys and indexes of its migrated table, and every table has one', async () => {
    const { entityMetadatas } = dataSource;
    expect(entityMetadatas.map(({ tableName }) => tableName).sort()).toEqual(
      TABLES.map(({ name }) => name).sort(),
    );
    const runner = dataSource.createQueryRunner();
    const tables = await runner.getTables(TABLES.map(({ name }) => name));
    await runner.release();
    for (const metadata of entityMetadatas) {
      const table = tables.find(({ name }) => name.split('.').at(-1) === metadata.tableName) as Table;
      expect({ table: metadata.tableName, ...declared(metadata) }).toEqual({
        table: metadata.tableName,
        ...migrated(table),
      });
    }
  });
});

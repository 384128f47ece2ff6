import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readDatabaseUrl } from '../../src/config/database-url.js';
import type { Settings } from '../../src/config/settings.js';
import { migrate } from '../../src/database/database.module.js';
import { loadEngine } from '../../src/database/engines.js';
import { createDatabase, dropDatabase, engine } from '../support/database.js';
import { HOSTILE_CREATION, HOSTILE_DEFAULTS } from '../support/hostile-defaults.js';
import { type Column, columnsOf } from '../support/schema.js';
import { hasScratchServer, ScratchDatabase } from '../support/scratch-database.js';

const EMOJI = '😀';
/** Of a text without a length of its own on SQLite, and of MEDIUMTEXT: more than any document that is stored. */
const LARGE_BYTES = 1024 * 1024;
const TEXT_BYTES = 65_535;
const MIN_COLUMNS = 60;

/** Alike in a collation that ignores case or accents, and different by their bytes. */
const ASCII_VARIANTS = ['probe-a', 'PROBE-A', 'Probe-a'];
const UNICODE_VARIANTS = [
  ...ASCII_VARIANTS,
  'probe-ä',
  'probe-å',
  'proba\u0308',
  'prob\u00e4',
  'straße',
  'strasse',
];
const PADDED = ' pad  ';

const unitOf = ({ ascii }: Column): string => (ascii ? 'a' : EMOJI);

function largest(column: Column): string {
  if (column.length !== undefined) return unitOf(column).repeat(column.length);
  const bytes = column.type === 'text' && engine === 'mysql' ? TEXT_BYTES : LARGE_BYTES;
  return unitOf(column).repeat(Math.floor(bytes / Buffer.byteLength(unitOf(column))));
}

const valuesFor = (column: Column): string[] => [
  largest(column),
  PADDED,
  ...(column.ascii ? ASCII_VARIANTS : UNICODE_VARIANTS),
];

describe
  .skipIf(engine !== 'sqlite' && !hasScratchServer)
  .each(engine !== 'sqlite' ? ['usual', 'hostile'] : ['usual'])(
  'Every text column with %s defaults of the server',
  { timeout: 120_000 },
  (defaults) => {
    let server: ScratchDatabase | undefined;
    let databaseUrl: string | undefined;
    let dataDir: string;
    let dataSource: DataSource;
    let columns: Column[];
    let rows = 0;

    beforeAll(async () => {
      dataDir = mkdtempSync(join(tmpdir(), 'latchkey-columns-'));
      if (defaults === 'hostile') {
        server = await ScratchDatabase.start(HOSTILE_DEFAULTS);
        databaseUrl = await server.createDatabase(HOSTILE_CREATION);
      } else if (engine !== 'sqlite') databaseUrl = await createDatabase();
      const database = readDatabaseUrl(databaseUrl, dataDir);
      await migrate({ database, dataDir } as Settings);
      dataSource = await new DataSource((await loadEngine(database)).dataSourceOptions()).initialize();
      columns = await columnsOf((sql) => dataSource.query(sql));
    }, 120_000);
    afterAll(async () => {
      await dataSource?.destroy();
      if (server) await server.stop();
      else if (databaseUrl) await dropDatabase(databaseUrl);
      rmSync(dataDir, { recursive: true, force: true });
    });

    const name = (text: string) => dataSource.driver.escape(text);
    const textColumns = () => columns.filter(({ isText }) => isText);

    /** A row with this value, and the least that its other columns take. */
    async function insert(column: Column, value: string): Promise<void> {
      const row = ++rows + 1000;
      const others = columns.filter(
        (one) => one.table === column.table && one.name !== column.name && (one.isKey || !one.isNullable),
      );
      const filled = [column, ...others];
      const values = [
        value,
        ...others.map((one) => (one.isText ? String(row) : row % (one.isFlag ? 2 : 1e9))),
      ];
      await dataSource.query(
        `INSERT INTO ${name(column.table)} (${filled.map((one) => name(one.name)).join(', ')})
         VALUES (${filled.map(() => '?').join(', ')})`,
        values,
      );
    }

    async function found({ table, name: column }: Column, value: string): Promise<unknown[]> {
      const sql = `SELECT ${name(column)} AS found FROM ${name(table)} WHERE ${name(column)} = ?`;
      return (await dataSource.query(sql, [value])).map((row: { found: unknown }) => row.found);
    }

    it('returns stored text up to its maximum length, and compares it by bytes (fault D5)', async () => {
      expect(textColumns().length).toBeGreaterThan(MIN_COLUMNS);
      for (const column of textColumns()) {
        const values = valuesFor(column);
        for (const value of values) await insert(column, value);
        for (const value of values) {
          const same = (await found(column, value)).map((one) => one === value);
          expect([column.table, column.name, value.slice(0, 8), same]).toEqual([
            column.table,
            column.name,
            value.slice(0, 8),
            [true],
          ]);
        }
      }
    });

    it.skipIf(engine === 'sqlite')('rejects longer text instead of truncating it (fault D5)', async () => {
      for (const column of textColumns().filter(({ length }) => length !== undefined)) {
        const outcome = await insert(column, largest(column) + unitOf(column)).then(
          () => 'stored',
          (error) => error.code,
        );
        expect([column.table, column.name, outcome]).toEqual([
          column.table,
          column.name,
          engine === 'mysql' ? 'ER_DATA_TOO_LONG' : '22001',
        ]);
      }
    });
  },
);

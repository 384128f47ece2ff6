import type { Connection } from '../../database/command/isolated.js';
import type { SqlValue } from '../../database/durable-writer.js';
import type { Row } from '../../database/row-reader.js';
import { TABLES } from '../../database/schema/tables.js';
import { BackupDigest } from './backup-digest.js';
import type { End, Header, RowLine, TableStart } from './format.js';
import { pagesOf } from './row-pages.js';

/** The text of a backup, a page of rows at a time; `rows` counts them by table. */
export async function* backupLines(
  connection: Connection,
  header: Header,
  auditKey: Buffer,
  rows: Record<string, number>,
): AsyncGenerator<string> {
  const digest = new BackupDigest();
  const authenticated = (text: string) => {
    digest.update(text);
    return text;
  };
  yield authenticated(lineOf(header));
  for (const table of TABLES) {
    rows[table.name] = 0;
    let columns: string[] | undefined;
    for await (const page of pagesOf(connection, table)) {
      if (!columns) {
        columns = Object.keys(page[0] ?? {});
        yield authenticated(lineOf({ table: table.name, columns }));
      }
      rows[table.name] = (rows[table.name] ?? 0) + page.length;
      yield authenticated(rowLines(table.name, columns, page));
    }
  }
  yield lineOf({ mac: digest.mac(auditKey) });
}

const lineOf = (value: Header | TableStart | RowLine | End): string => `${JSON.stringify(value)}\n`;

const rowLines = (table: string, columns: readonly string[], page: readonly Row[]): string =>
  page.map((row) => lineOf(columns.map((column) => portable(row[column], `${table}.${column}`)))).join('');

/** Every engine reads and writes these alike. */
function portable(value: unknown, place: string): SqlValue {
  if (value === null || typeof value === 'string') return value;
  if (typeof value === 'boolean') return Number(value);
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  throw new Error(`${place} contains a value that the server does not write`);
}

import type { Connection } from '../../database/command/isolated.js';
import { flattenValues, insertSql } from '../../database/durable-writer.js';
import type { RowLine, TableStart } from './format.js';

const MAX_ROWS = 256;
/** Below the packet size of every server. */
const MAX_CHARACTERS = 512 * 1024;

/** Inserts rows, many at a time. */
export class RowWriter {
  private table: TableStart | undefined;
  private pending: RowLine[] = [];
  private characters = 0;

  constructor(private readonly connection: Connection) {}

  async add(table: TableStart, row: RowLine): Promise<void> {
    if (table !== this.table) await this.flush();
    this.table = table;
    this.pending.push(row);
    this.characters += row.reduce<number>((sum, value) => sum + String(value).length, 0);
    if (this.pending.length === MAX_ROWS || this.characters > MAX_CHARACTERS) await this.flush();
  }

  async flush(): Promise<void> {
    const { table, pending, connection } = this;
    this.pending = [];
    this.characters = 0;
    if (!table || pending.length === 0) return;
    const target = { table: connection.quoted(table.table), columns: table.columns.map(connection.quoted) };
    const places = `${table.columns.map(() => '?').join(', ')}`;
    await connection.run(
      insertSql(target, pending.length, () => places),
      flattenValues(pending),
    );
  }
}

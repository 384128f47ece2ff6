import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { asSettingError } from '../../config/invalid-setting.js';
import { sameDigest } from '../../crypto/digest.js';
import { TABLES } from '../../database/schema/tables.js';
import { BackupDigest } from './backup-digest.js';
import {
  type End,
  FORMAT,
  FORMAT_VERSION,
  type Header,
  type RowLine,
  type TableStart,
  UnusableBackup,
} from './format.js';
import { assertRestorable } from './schema.js';

/** Receives the rows of a backup while it is read; only the end shows whether they are genuine. */
export interface BackupVisitor {
  row(table: TableStart, values: RowLine): Promise<void> | void;
  /** The key in the file, once its rows were visited. */
  auditKey(): Buffer | undefined;
}

export interface Contents {
  header: Header;
  rows: Readonly<Record<string, number>>;
}

/** Reads a backup; throws UnusableBackup if it was cut, changed or made with another schema. */
export async function readBackup(file: string, visitor: BackupVisitor): Promise<Contents> {
  const reading = new Reading(visitor);
  for await (const line of linesOf(file)) await reading.line(line);
  return reading.contents();
}

class Reading {
  private header: Header | undefined;
  private table: TableStart | undefined;
  private end: End | undefined;
  private readonly rows: Record<string, number> = Object.fromEntries(TABLES.map(({ name }) => [name, 0]));
  private readonly digest = new BackupDigest();

  constructor(private readonly visitor: BackupVisitor) {}

  async line(text: string): Promise<void> {
    if (this.end) throw damaged();
    const value = parsed(text);
    if (isEnd(value)) {
      this.end = value;
      return;
    }
    this.digest.update(`${text}\n`);
    if (!this.header) this.header = headerOf(value);
    else if (Array.isArray(value)) await this.row(value);
    else this.table = tableOf(value);
  }

  contents(): Contents {
    const { header, end, rows } = this;
    const auditKey = this.visitor.auditKey();
    if (!header || !end || !auditKey || !sameDigest(end.mac, this.digest.mac(auditKey))) throw damaged();
    return { header, rows };
  }

  private async row(values: RowLine): Promise<void> {
    const { table } = this;
    if (table?.columns.length !== values.length) throw damaged();
    this.rows[table.table] = (this.rows[table.table] ?? 0) + 1;
    await this.visitor.row(table, values);
  }
}

/** The lines of a gzipped file; a last one that does not end is cut. */
async function* linesOf(file: string): AsyncGenerator<string> {
  const input = createReadStream(file);
  const text = createGunzip();
  input.once('error', (error) => text.destroy(error));
  let rest = '';
  try {
    for await (const chunk of input.pipe(text).setEncoding('utf8')) {
      const lines = (rest + String(chunk)).split('\n');
      rest = lines.pop() ?? '';
      yield* lines;
    }
  } catch (error) {
    throw String((error as NodeJS.ErrnoException).code).startsWith('Z_')
      ? damaged()
      : asSettingError('FILE', error, file);
  } finally {
    input.destroy();
  }
  if (rest !== '') throw damaged();
}

const damaged = () => new UnusableBackup('it is not a backup of Latchkey, or it was cut or changed');

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw damaged();
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isEnd = (value: unknown): value is End => isObject(value) && typeof value.mac === 'string';

function headerOf(value: unknown): Header {
  if (!isObject(value) || value.format !== FORMAT) throw damaged();
  const header = value as unknown as Header;
  if (header.version !== FORMAT_VERSION) {
    throw new UnusableBackup(`it was written by Latchkey ${header.latchkey}: restore it with that version`);
  }
  if (!Array.isArray(header.schema)) throw damaged();
  assertRestorable(header);
  return header;
}

function tableOf(value: unknown): TableStart {
  if (!isObject(value) || !Array.isArray(value.columns)) throw damaged();
  if (!TABLES.some(({ name }) => name === value.table)) throw damaged();
  return value as unknown as TableStart;
}

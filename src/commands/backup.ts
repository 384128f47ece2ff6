import 'reflect-metadata';
import { createWriteStream } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { createGzip } from 'node:zlib';
import { readSettings } from '../config/environment.js';
import { asSettingError } from '../config/invalid-setting.js';
import { type Connection, withSnapshot } from '../database/command/isolated.js';
import { SCHEMA } from '../database/schema/tables.js';
import { backupLines } from './backup/backup-lines.js';
import { FORMAT, FORMAT_VERSION, type Header } from './backup/format.js';
import { OpenedKeys, sealerOf } from './backup/keys.js';
import { PrivateFile } from './backup/private-file.js';
import { rowCounts } from './backup/report.js';
import { assertSchema } from './backup/schema.js';
import { showUsage } from './backup/usage.js';
import { latchkeyVersion } from './backup/version.js';

const USAGE = `npm run backup -- FILE

Writes a consistent copy of the database to FILE, beside running servers, with the settings of the server.
FILE must not exist. It contains hashes and sealed keys as they are stored, and no master key: keep
LATCHKEY_MASTER_KEY (or master.key of the data folder) elsewhere. Without it, FILE cannot be restored.

Exit code 0: written, 1: failed, and FILE does not exist, 2: wrong arguments.
`;

async function backup(name: string): Promise<string> {
  const settings = readSettings();
  const file = new PrivateFile(path.resolve(name));
  file.assertAbsent();
  const rows: Record<string, number> = {};
  const date = await withSnapshot(settings.database, async (connection) => {
    const header: Header = {
      format: FORMAT,
      version: FORMAT_VERSION,
      latchkey: latchkeyVersion(),
      schema: SCHEMA,
      engine: settings.database.engine,
      date: new Date().toISOString(),
    };
    await assertSchema(connection);
    const keys = new OpenedKeys(sealerOf(settings));
    for (const row of await auditKeys(connection)) keys.add('audit_key', row);
    const { auditKey } = keys;
    if (!auditKey) throw new Error('the database contains no keys: no server has run on it');
    await write(file, backupLines(connection, header, auditKey, rows));
    return header.date;
  });
  file.putInPlace();
  return `The database as of ${date} is in ${file.name}.
${rowCounts(rows)}
Keep the master key elsewhere: it is not in the file, which cannot be restored without it.
`;
}

const auditKeys = ({ run }: Connection) => run('SELECT id, sealed, created_at FROM audit_key', []);

/** Memory stays flat: a page is read when the one before it has been compressed. */
async function write({ name, draft }: PrivateFile, lines: AsyncGenerator<string>): Promise<void> {
  let ofDatabase: unknown;
  const source = async function* () {
    try {
      yield* lines;
    } catch (error) {
      ofDatabase = error;
      throw error;
    }
  };
  try {
    await pipeline(
      Readable.from(source(), { highWaterMark: 1 }),
      createGzip(),
      createWriteStream(draft, { flags: 'wx', mode: 0o600, flush: true }),
    );
  } catch (error) {
    throw ofDatabase ?? fileError(name, error);
  }
}

/** Names the file that was asked for instead of its draft. */
const fileError = (name: string, error: unknown) =>
  asSettingError('FILE', { code: (error as NodeJS.ErrnoException).code }, name);

function fileArgument(): string {
  try {
    const options = { help: { type: 'boolean', short: 'h' } } as const;
    const { values, positionals } = parseArgs({ options, allowPositionals: true });
    const [file, ...others] = positionals;
    if (values.help || file === undefined || others.length > 0) return showUsage(USAGE, values.help === true);
    return file;
  } catch {
    return showUsage(USAGE, false);
  }
}

backup(fileArgument()).then(
  (report) => process.stdout.write(report),
  (error: Error) => {
    process.stderr.write(`The database was not backed up: ${error.message.replaceAll('\n', ' ')}\n`);
    process.exitCode = 1;
  },
);

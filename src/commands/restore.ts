import 'reflect-metadata';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { readSettings } from '../config/environment.js';
import { withExclusiveDatabase } from '../database/command/isolated.js';
import { readBackup } from './backup/backup-reader.js';
import { rowOf } from './backup/format.js';
import { OpenedKeys, sealerOf } from './backup/keys.js';
import { isUnused } from './backup/present-database.js';
import { restorationReport } from './backup/report.js';
import { Restoration } from './backup/restoration.js';
import { assertNotNewer } from './backup/schema.js';
import { showUsage } from './backup/usage.js';

const USAGE = `npm run restore -- FILE [--replace]

Restores a backup of npm run backup into the database of the settings, which may be on another engine. Stop every
server first, and set the master key of the backup (LATCHKEY_MASTER_KEY, or master.key in the data folder), which is not
in FILE. All sessions are closed: clients request new tokens.

  --replace   replace what the database contains; without it, only an empty database is accepted

Exit code 0: restored, 1: failed, and nothing was changed, 2: wrong arguments.
`;

interface Arguments {
  file: string;
  replace: boolean;
}

async function restore({ file, replace }: Arguments): Promise<string> {
  const settings = readSettings();
  const keys = new OpenedKeys(sealerOf(settings));
  const { header, rows } = await readBackup(file, {
    row: (table, values) => keys.add(table.table, rowOf(table, values)),
    auditKey: () => keys.auditKey,
  });
  const restoration = new Restoration(file, header, keys);
  const result = await withExclusiveDatabase(settings.database, {
    examine: async (connection) => {
      await assertNotNewer(connection);
      if (!replace && !(await isUnused(connection))) throw notEmpty();
    },
    write: (connection) => restoration.write(connection),
  });
  return restorationReport({ header, rows }, result);
}

const notEmpty = () =>
  new Error('the database is not empty: --replace deletes what it contains; back it up first');

function readArguments(): Arguments {
  try {
    const options = { help: { type: 'boolean', short: 'h' }, replace: { type: 'boolean' } } as const;
    const { values, positionals } = parseArgs({ options, allowPositionals: true });
    const [file, ...others] = positionals;
    if (values.help || file === undefined || others.length > 0) return showUsage(USAGE, values.help === true);
    return { file: path.resolve(file), replace: values.replace === true };
  } catch {
    return showUsage(USAGE, false);
  }
}

restore(readArguments()).then(
  (report) => process.stdout.write(report),
  (error: Error) => {
    process.stderr.write(`The backup was not restored: ${error.message.replaceAll('\n', ' ')}\n`);
    process.exitCode = 1;
  },
);

import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { createDatabase, dropDatabase, engine } from './database.js';
import { launch } from './launch.js';
import { dump } from './rows.js';
import { TestServer } from './server.js';

type Environment = Record<string, string | undefined>;

export interface Ran {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs a command to its end, with the settings of this server and these changes. */
export async function runCommand(
  command: 'backup' | 'restore',
  server: TestServer,
  args: readonly string[],
  changes: Environment = {},
): Promise<Ran> {
  const env = Object.entries({ ...server.env, ...changes }).filter(([, value]) => value !== undefined);
  const launched = launch(Object.fromEntries(env) as Record<string, string>, `${command}.js`, args);
  const { code } = await launched.exited;
  return { code, stdout: launched.stdout(), stderr: launched.stderr() };
}

/** A stopped server with the settings of another one, on an empty database. */
export async function emptyServer(like: TestServer, on: typeof engine = engine): Promise<TestServer> {
  const dataDir = mkdtempSync(join(tmpdir(), 'latchkey-restored-'));
  const databaseUrl = on !== 'sqlite' ? await createDatabase() : undefined;
  const env = { ...like.env, DATABASE_URL: databaseUrl, LATCHKEY_DATA_DIR: dataDir };
  return new TestServer(env, dataDir, databaseUrl, async () => {
    rmSync(dataDir, { recursive: true, force: true });
    if (databaseUrl) await dropDatabase(databaseUrl);
  });
}

/** The lines of a backup before compression. */
export const linesOf = (file: string): string[] =>
  gunzipSync(readFileSync(file)).toString('utf8').trimEnd().split('\n');

export function writeLines(file: string, lines: readonly string[]): void {
  writeFileSync(file, gzipSync(`${lines.join('\n')}\n`));
}

/** The text of every table of a stopped server, read by another process, because the driver would hold its locks on the file. */
export async function dumpOfCopy({ databaseUrl, dataDir }: TestServer): Promise<Map<string, string>> {
  if (databaseUrl) return dump({ databaseUrl, dataDir });
  const copy = mkdtempSync(join(tmpdir(), 'latchkey-copy-'));
  try {
    for (const name of readdirSync(dataDir)) {
      if (/^latchkey\.sqlite(-wal)?$/.test(name)) copyFileSync(join(dataDir, name), join(copy, name));
    }
    return await dump({ databaseUrl, dataDir: copy });
  } finally {
    rmSync(copy, { recursive: true });
  }
}

type Row = Record<string, unknown>;

/** The rows of a backup by table. */
export function rowsOf(file: string): Map<string, Row[]> {
  const tables = new Map<string, Row[]>();
  let columns: string[] = [];
  let rows: Row[] = [];
  for (const value of linesOf(file).map((line) => JSON.parse(line))) {
    if (Array.isArray(value)) rows.push(Object.fromEntries(columns.map((name, i) => [name, value[i]])));
    else if (value.table) {
      columns = value.columns;
      rows = [];
      tables.set(value.table, rows);
    }
  }
  return tables;
}

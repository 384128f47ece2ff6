import { copyFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDatabase, dropDatabase, engine, onServer } from './database.js';
import { copyMysqlDatabase } from './mysql-copy.js';
import type { ServerOptions, TestServer } from './server.js';

const VARIABLE = 'LATCHKEY_TEST_FIRST_START';

/** What a server leaves that started on an empty database and stopped: tables, keys and an administrator. */
interface FirstStart {
  masterKey: string;
  adminSecret: string;
  dataDir: string;
  /** Absent on SQLite. */
  databaseUrl: string | undefined;
}

const ABOUT_THE_FIRST_START = /^(LATCHKEY_(MASTER_KEY|ADMIN|DATA_DIR)|DATABASE_URL$|NODE_OPTIONS$)/;

/** Servers that exist at the same time are strangers: at most one of them has these keys. */
let isTaken = false;

/** Most servers under test begin with a copy of it, which costs a third less than a first start of their own. */
export function takeFirstStart(options: ServerOptions): FirstStart | undefined {
  const remembered = process.env[VARIABLE];
  const { env = {}, databaseUrl, dataDir, beside } = options;
  if (!remembered || isTaken || databaseUrl || dataDir || beside) return undefined;
  if (Object.keys(env).some((name) => ABOUT_THE_FIRST_START.test(name))) return undefined;
  isTaken = true;
  return JSON.parse(remembered);
}

export function releaseFirstStart(): void {
  isTaken = false;
}

/** Copies it to these new data. Returns the address of the copied database, on a server. */
export async function copyFirstStart(from: FirstStart, dataDir: string): Promise<string | undefined> {
  if (!onServer) {
    for (const file of readdirSync(from.dataDir)) copyFileSync(join(from.dataDir, file), join(dataDir, file));
    return undefined;
  }
  const { databaseUrl = '' } = from;
  if (engine === 'postgres') return createDatabase(databaseUrl);
  const copy = await createDatabase();
  await copyMysqlDatabase(databaseUrl, copy);
  return copy;
}

/** Makes it for all test files of this run. Returns what removes it. */
export async function makeFirstStart(start: (options: ServerOptions) => Promise<TestServer>) {
  const dataDir = mkdtempSync(join(tmpdir(), 'latchkey-first-start-'));
  const databaseUrl = onServer ? await createDatabase() : undefined;
  const server = await start({ dataDir, ...(databaseUrl === undefined ? {} : { databaseUrl }) });
  await server.stop();
  const { adminSecret, env } = server;
  const made: FirstStart = { masterKey: env.LATCHKEY_MASTER_KEY ?? '', adminSecret, dataDir, databaseUrl };
  process.env[VARIABLE] = JSON.stringify(made);
  return async () => {
    delete process.env[VARIABLE];
    rmSync(dataDir, { recursive: true, force: true });
    if (databaseUrl) await dropDatabase(databaseUrl);
  };
}

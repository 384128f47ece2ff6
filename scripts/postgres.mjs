import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { accessSync, chmodSync, constants, openSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  account,
  environment,
  findProgram,
  freePort,
  roomiest,
  runGroup,
  startScratch,
} from './scratch-server.mjs';

/** Debian's folders, the latest version first. */
function versions() {
  const folder = '/usr/lib/postgresql';
  try {
    const names = readdirSync(folder).sort((a, b) => Number(b) - Number(a));
    return names.map((name) => join(folder, name, 'bin'));
  } catch {
    return [];
  }
}

/** `TEST_POSTGRES_BIN` chooses a version: the folder of its programs. */
export const findServer = () => {
  const chosen = process.env.TEST_POSTGRES_BIN;
  if (!chosen) return findProgram(['postgres'], versions());
  const server = join(chosen, 'postgres');
  accessSync(server, constants.X_OK);
  return server;
};

const SETTINGS = [
  ['listen_addresses', '127.0.0.1'],
  ['max_connections', '500'],
  ['shared_buffers', '128MB'],
  ['timezone', 'UTC'],
  // The servers under test warn otherwise; the folder is usually in memory.
  ['synchronous_commit', 'on'],
];

export async function ping(url) {
  const { default: pg } = await import('pg');
  const connectionString = url.includes('/', 'postgres://'.length) ? url : `${url}/postgres`;
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 5_000 });
  client.on('error', () => {});
  await client.connect();
  await client.query('SELECT 1');
  await client.end();
}

/** The options under which a child runs as the account, which owns the folder. */
function identity(runAs) {
  if (!runAs) return {};
  const id = (kind) => Number(execFileSync('id', [kind, runAs], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

async function initialise(server, folder, password, runAs, interrupted) {
  const log = openSync(join(folder, 'install.log'), 'a');
  const secret = join(folder, 'password');
  writeFileSync(secret, password);
  if (runAs) execFileSync('chown', ['-R', `${runAs}:`, folder]);
  const how = ['--username=latchkey', `--pwfile=${secret}`, '--auth=scram-sha-256', '--no-sync'];
  const args = [...how, '--encoding=UTF8', '--locale=C.UTF-8', `--pgdata=${join(folder, 'db')}`];
  const options = { stdio: ['ignore', log, log], env: environment(folder), cwd: folder, ...identity(runAs) };
  const code = await runGroup(join(dirname(server), 'initdb'), args, options, interrupted);
  rmSync(secret);
  interrupted.throwIfAborted();
  if (code !== 0) throw new Error(`The database could not be initialised (${code}).`);
}

/** A scratch server on a folder in `parent`, with `more` settings (`name=value`); `stop` ends it and deletes the folder. */
export function startServer(server, interrupted, parent = roomiest(), more = []) {
  return startScratch('postgres', parent, interrupted, async (folder) => {
    const runAs = account('postgres');
    const password = randomBytes(12).toString('hex');
    chmodSync(folder, 0o755);
    await initialise(server, folder, password, runAs, interrupted);
    const port = await freePort();
    interrupted.throwIfAborted();
    const log = openSync(join(folder, 'server.log'), 'a');
    const settings = [
      ...SETTINGS.map((pair) => pair.join('=')),
      `unix_socket_directories=${folder}`,
      ...more,
    ];
    const args = [`-D${join(folder, 'db')}`, `-p${port}`, ...settings.flatMap((one) => ['-c', one])];
    // Detached: Ctrl-C in a terminal signals its whole group and would stop the server before the tests.
    const spawned = spawn(server, args, {
      ...{ stdio: ['ignore', log, log], env: environment(folder), detached: true, cwd: folder },
      ...identity(runAs),
    });
    const url = `postgres://latchkey:${password}@127.0.0.1:${port}`;
    const socket = join(folder, `.s.PGSQL.${port}`);
    // Of its three ways to stop, the one that does not wait for clients.
    return { spawned, url, socket, stopSignal: 'SIGINT', ping: () => ping(url) };
  });
}

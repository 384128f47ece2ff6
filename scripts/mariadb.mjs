import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { accessSync, constants, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { root } from './run.mjs';

const START_MS = 60_000;
const STOP_MS = 30_000;

function findProgram(...names) {
  const path = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  const folders = [...path, '/usr/bin', '/usr/sbin', '/usr/local/sbin', '/usr/local/bin', '/usr/libexec'];
  for (const file of names.flatMap((name) => folders.map((folder) => join(folder, name)))) {
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // Not in this directory.
    }
  }
  return undefined;
}

export const findServer = () => findProgram('mariadbd', 'mysqld');

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

/** Both servers refuse to run as root, so root switches to an unprivileged account. */
function account() {
  if (process.getuid() !== 0) return undefined;
  try {
    execFileSync('id', ['-u', 'mysql'], { stdio: 'ignore' });
    return 'mysql';
  } catch {
    return 'nobody';
  }
}

/** Temporary files go next to the data: the caller's directory may be inaccessible to that account. */
const environment = (folder) => ({ ...process.env, TMPDIR: dirname(folder) });

/** Runs in a process group that is killed as a whole on interruption, since the program starts others. */
function runGroup(program, args, options, interrupted) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { ...options, cwd: root, detached: true });
    const end = () => process.kill(-child.pid, 'SIGKILL');
    child.once('error', (error) => reject(new Error(`${program} could not be started: ${error.message}`)));
    child.once('spawn', () => interrupted.addEventListener('abort', end));
    child.once('close', (code, signal) => {
      interrupted.removeEventListener('abort', end);
      resolve(code ?? `signal ${signal}`);
    });
  });
}

async function initialise(server, folder, user, interrupted) {
  const log = openSync(join(folder, 'install.log'), 'a');
  const stdio = ['ignore', 'pipe', log];
  const version = execFileSync(server, ['--no-defaults', '--version'], { encoding: 'utf8', stdio });
  const mariadb = /mariadb/i.test(version);
  const program = mariadb ? findProgram('mariadb-install-db', 'mysql_install_db') : server;
  if (!program) throw new Error('mariadb-install-db was not found beside the server.');
  const how = mariadb
    ? ['--auth-root-authentication-method=normal', '--skip-test-db']
    : ['--initialize-insecure', '--character-set-server=utf8mb4', '--collation-server=utf8mb4_bin'];
  const args = ['--no-defaults', ...user, `--datadir=${join(folder, 'db')}`, ...how];
  const options = { stdio: ['ignore', log, log], env: environment(folder) };
  const code = await runGroup(program, args, options, interrupted);
  interrupted.throwIfAborted();
  if (code !== 0) throw new Error(`The database could not be initialised (${code}).`);
}

function spawnServer(server, folder, user, port, more) {
  const log = openSync(join(folder, 'server.log'), 'a');
  const args = [
    ...[
      '--no-defaults',
      ...user,
      `--datadir=${join(folder, 'db')}`,
      `--init-file=${join(folder, 'init.sql')}`,
    ],
    ...['--bind-address=127.0.0.1', `--port=${port}`, '--skip-name-resolve', '--loose-mysqlx=OFF'],
    ...[`--socket=${join(folder, 's.sock')}`, `--pid-file=${join(folder, 'server.pid')}`],
    ...['--character-set-server=utf8mb4', '--collation-server=utf8mb4_bin', '--max-connections=500'],
    ...['--innodb-flush-log-at-trx-commit=1', '--innodb-buffer-pool-size=128M'],
    ...more,
  ];
  // Detached: Ctrl-C in a terminal signals its whole group and would stop the server before the tests.
  return spawn(server, args, { stdio: ['ignore', log, log], env: environment(folder), detached: true });
}

const ended = (child) => child.exitCode !== null || child.signalCode !== null;

export async function ping(url) {
  const { default: mysql } = await import('mysql2/promise');
  const connection = await mysql.createConnection({ uri: url, connectTimeout: 5_000 });
  await connection.query('SELECT 1');
  await connection.end();
}

async function untilReady(child, url, interrupted) {
  const limit = Date.now() + START_MS;
  for (;;) {
    interrupted.throwIfAborted();
    if (ended(child)) throw new Error('The database server ended while it was starting.');
    try {
      return await ping(url);
    } catch (error) {
      if (Date.now() > limit) throw new Error(`The database server never answered: ${error.message}`);
    }
    await sleep(100);
  }
}

async function stop(child) {
  if (child === undefined || ended(child)) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const patience = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await gone;
  clearTimeout(patience);
}

function lastLines(folder) {
  const texts = ['install.log', 'server.log'].map((name) => {
    try {
      return readFileSync(join(folder, name), 'utf8');
    } catch {
      return '';
    }
  });
  return texts.join('').trim().split('\n').slice(-20).join('\n');
}

/** A scratch server on a directory in `parent`, with `more` arguments; `stop` ends it and deletes the directory. */
export async function startServer(server, interrupted, parent = tmpdir(), more = []) {
  const folder = mkdtempSync(join(parent, 'latchkey-mysql-'));
  let child;
  const clear = async () => {
    await stop(child);
    // A process killed a moment ago may still have written a file.
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const runAs = account();
    const user = runAs ? [`--user=${runAs}`] : [];
    const password = randomBytes(12).toString('hex');
    const name = `'latchkey'@'127.0.0.1'`;
    const statements = [`CREATE USER ${name} IDENTIFIED BY '${password}';`];
    statements.push(`GRANT ALL PRIVILEGES ON *.* TO ${name} WITH GRANT OPTION;`);
    writeFileSync(join(folder, 'init.sql'), `${statements.join('\n')}\n`);
    if (runAs) execFileSync('chown', ['-R', `${runAs}:`, folder]);
    await initialise(server, folder, user, interrupted);
    const port = await freePort();
    interrupted.throwIfAborted();
    child = spawnServer(server, folder, user, port, more);
    child.once('error', () => {});
    const url = `mysql://latchkey:${password}@127.0.0.1:${port}`;
    await untilReady(child, url, interrupted);
    return { url, pid: child.pid, socket: join(folder, 's.sock'), stop: clear };
  } catch (error) {
    // There is nothing to keep, and a starting server ignores SIGTERM.
    child?.kill('SIGKILL');
    await stop(child);
    const log = lastLines(folder);
    await clear();
    throw new Error(`${error.message}\n${log}`);
  }
}

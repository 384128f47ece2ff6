import { execFileSync, spawn } from 'node:child_process';
import { accessSync, constants, mkdtempSync, readFileSync, rmSync, statfsSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { root } from './run.mjs';

const START_MS = 60_000;
const STOP_MS = 30_000;

/** The first of these programs, in the path, the usual folders, or `more` ones. */
export function findProgram(names, more = []) {
  const path = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  const folders = [
    ...path,
    ...more,
    '/usr/bin',
    '/usr/sbin',
    '/usr/local/sbin',
    '/usr/local/bin',
    '/usr/libexec',
  ];
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

export function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

/** Database servers refuse to run as root, so root switches to this account, or to an unprivileged one. */
export function account(preferred) {
  if (process.getuid() !== 0) return undefined;
  try {
    execFileSync('id', ['-u', preferred], { stdio: 'ignore' });
    return preferred;
  } catch {
    return 'nobody';
  }
}

/**
 * Temporary files go to the server's own folder: the caller's may be closed to its account, and a MariaDB server that
 * starts deletes the temporary tables of every other one that shares its folder.
 */
export const environment = (folder) => ({ ...process.env, TMPDIR: folder });

const MEMORY = '/dev/shm';
const MIN_FREE_BYTES = 4 * 1024 ** 3;

/** Tests make and drop hundreds of databases, each with files that are flushed one by one: they are kept in memory if it has room. */
export function roomiest() {
  try {
    const { bavail, bsize } = statfsSync(MEMORY);
    return bavail * bsize > MIN_FREE_BYTES ? MEMORY : tmpdir();
  } catch {
    return tmpdir();
  }
}

/** Runs in a process group that is killed as a whole on interruption, since the program starts others. */
export function runGroup(program, args, options, interrupted) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: root, ...options, detached: true });
    const end = () => process.kill(-child.pid, 'SIGKILL');
    child.once('error', (error) => reject(new Error(`${program} could not be started: ${error.message}`)));
    child.once('spawn', () => interrupted.addEventListener('abort', end));
    child.once('close', (code, signal) => {
      interrupted.removeEventListener('abort', end);
      resolve(code ?? `signal ${signal}`);
    });
  });
}

const ended = (child) => child.exitCode !== null || child.signalCode !== null;

/** Repeats `ping` until it succeeds. */
async function untilReady(child, ping, interrupted) {
  const limit = Date.now() + START_MS;
  for (;;) {
    interrupted.throwIfAborted();
    if (ended(child)) throw new Error('The database server ended while it was starting.');
    try {
      return await ping();
    } catch (error) {
      if (Date.now() > limit) throw new Error(`The database server never answered: ${error.message}`);
    }
    await sleep(100);
  }
}

async function stop(child, signal) {
  if (child === undefined || ended(child)) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill(signal);
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

/**
 * A scratch server on a folder in `parent`. `start` initialises the folder and resolves to the server's process and
 * `{url, socket, ping}`; `stop` ends the server and deletes the folder.
 */
export async function startScratch(name, parent, interrupted, start) {
  const folder = mkdtempSync(join(parent, `latchkey-${name}-`));
  let child;
  let stopSignal = 'SIGTERM';
  const clear = async () => {
    await stop(child, stopSignal);
    // A process killed a moment ago may still have written a file.
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const started = await start(folder);
    const { url, socket, ping } = started;
    child = started.spawned;
    stopSignal = started.stopSignal ?? stopSignal;
    child.once('error', () => {});
    await untilReady(child, ping, interrupted);
    return { url, pid: child.pid, socket, folder, stop: clear };
  } catch (error) {
    // There is nothing to keep, and a starting server ignores SIGTERM.
    child?.kill('SIGKILL');
    await stop(child, stopSignal);
    const log = lastLines(folder);
    await clear();
    throw new Error(`${error.message}\n${log}`);
  }
}

import { execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { root } from '../scripts/run.mjs';
import { interrupted } from './program.mjs';

const START_MS = 60_000;
const TICKS_PER_SECOND = 100;
const PAGE_BYTES = 4096;

function has(program) {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' });
    return true;
  } catch (error) {
    return error.code !== 'ENOENT';
  }
}

/** Servers run on the first core and load generators on the second, if the system allows pinning. */
export const pins = has('taskset') && availableParallelism() > 1;

export const pinned = (core, command) => (pins ? ['taskset', '-c', String(core), ...command] : command);

export function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

const running = new Set();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** A server under test in a separate process; `cpuSeconds` and `residentBytes` come from the system. */
export class ServerProcess {
  constructor(name, args, env, { cores = true } = {}) {
    interrupted.throwIfAborted();
    const [program, ...rest] = cores ? pinned(0, [process.execPath, ...args]) : [process.execPath, ...args];
    this.name = name;
    this.output = '';
    this.child = spawn(program, rest, {
      cwd: root,
      env: { PATH: process.env.PATH, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running.add(this.child);
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream.on('data', (chunk) => {
        this.output = (this.output + chunk).slice(-4000);
      });
    }
    this.ended = new Promise((resolve) => this.child.once('close', resolve));
    void this.ended.then(() => running.delete(this.child));
  }

  async untilAnswers(url) {
    const limit = Date.now() + START_MS;
    while (Date.now() < limit && this.child.exitCode === null) {
      const answer = await fetch(url).catch(() => undefined);
      if (answer?.status === 200) return;
      await sleep(25);
    }
    await this.stop();
    throw new Error(`${this.name} did not start:\n${this.output}`);
  }

  /** User and system time of all threads. */
  get cpuSeconds() {
    const fields = readFileSync(`/proc/${this.child.pid}/stat`, 'utf8').split(') ')[1].split(' ');
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  }

  get residentBytes() {
    return Number(readFileSync(`/proc/${this.child.pid}/statm`, 'utf8').split(' ')[1]) * PAGE_BYTES;
  }

  /** Suspends it, so that another server can be measured alone. */
  pause() {
    this.child.kill('SIGSTOP');
  }

  resume() {
    this.child.kill('SIGCONT');
  }

  async stop() {
    this.child.kill('SIGTERM');
    this.resume();
    const patience = setTimeout(() => this.child.kill('SIGKILL'), 10_000);
    await this.ended;
    clearTimeout(patience);
  }
}

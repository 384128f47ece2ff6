import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** How a running program was started. */
export interface Recipe {
  program: string;
  args: string[];
  cwd: string;
  env: Record<string, string>;
  uid: number;
  gid: number;
}

const listOf = (file: string): string[] => readFileSync(file, 'utf8').split('\0').filter(Boolean);

export function recipeOf(pid: number): Recipe {
  const place = `/proc/${pid}`;
  const { uid, gid } = statSync(place);
  const env = listOf(`${place}/environ`).map((one) => [
    one.slice(0, one.indexOf('=')),
    one.slice(one.indexOf('=') + 1),
  ]);
  return {
    program: readlinkSync(`${place}/exe`),
    // MariaDB's initial statements have been carried out.
    args: listOf(`${place}/cmdline`)
      .slice(1)
      .filter((argument) => !argument.startsWith('--init-file=')),
    cwd: readlinkSync(`${place}/cwd`),
    env: Object.fromEntries(env),
    uid,
    gid,
  };
}

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export function startAgain({ program, args, ...options }: Recipe): ChildProcess {
  const child = spawn(program, args, { ...options, stdio: 'ignore', detached: true });
  running.add(child);
  child.on('error', () => undefined);
  child.once('exit', () => running.delete(child));
  return child;
}

/** How many descriptors a process has open. */
export const descriptorsOf = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length;

export function isAlive(pid: number): boolean {
  try {
    // A zombie has no open files.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

export async function until(
  isDone: () => boolean | Promise<boolean>,
  maxMs: number,
  what: string,
): Promise<void> {
  const limit = performance.now() + maxMs;
  while (!(await isDone())) {
    if (performance.now() > limit) throw new Error(`${what} (${maxMs} ms)`);
    await sleep(20);
  }
}

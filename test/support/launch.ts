import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { V8_FLAGS } from '../../scripts/v8-flags.mjs';

/**
 * Most servers under test end after seconds: a larger young generation and no optimised code save a fifth of what a start
 * costs. Those whose times are compared run as in production.
 */
export const SHORT_LIVED = process.env.LATCHKEY_TEST_TIMES ? [] : ['--min-semi-space-size=16', '--no-opt'];

const built = (entry: string) => fileURLToPath(new URL(`../../dist/server/${entry}`, import.meta.url));

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface Launched {
  child: ChildProcess;
  exited: Promise<Exit>;
  stdout: () => string;
  stderr: () => string;
}

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

function collect(child: ChildProcess, stream: 'stdout' | 'stderr'): () => string {
  const folder = process.env.LATCHKEY_TEST_LOGS;
  const file = folder && join(folder, `${process.pid}-${randomUUID()}.${stream}.log`);
  const chunks: Buffer[] = [];
  child[stream]?.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    if (file) appendFileSync(file, chunk);
  });
  return () => Buffer.concat(chunks).toString('utf8');
}

/** Starts the built server, or another entry point, with exactly this environment and the few variables that every program needs. */
export function launch(
  env: Record<string, string | undefined>,
  entry = 'main.js',
  args: readonly string[] = [],
  flags: readonly string[] = SHORT_LIVED,
): Launched {
  const main = built(entry);
  const inherited = ['PATH', 'HOME', 'TMPDIR'].flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  const child = spawn(process.execPath, [...V8_FLAGS, ...flags, main, ...args], {
    env: { ...Object.fromEntries(inherited), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  const exited = new Promise<Exit>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      running.delete(child);
      resolve({ code, signal });
    });
  });
  return { child, exited, stdout: collect(child, 'stdout'), stderr: collect(child, 'stderr') };
}

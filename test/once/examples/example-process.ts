import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const examples = fileURLToPath(new URL('../../../examples/', import.meta.url));
const PATIENCE_MS = 30_000;

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

function run(file: string, args: string[], env: Record<string, string>) {
  const child = spawn(process.execPath, [file, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  const said = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => {
    said.stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    said.stderr += chunk;
  });
  const exited = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      running.delete(child);
      resolve(code);
    });
  });
  return { child, said, exited };
}

/** Runs an example to its end. */
export async function runExample(path: string, args: string[], env: Record<string, string>) {
  const { said, exited } = run(examples + path, args, env);
  const exitCode = await exited;
  return { exitCode, ...said };
}

export interface ExampleApi {
  url: string;
  stop: () => Promise<unknown>;
}

/** Starts an API on a free port; it is ready when it prints its address. */
export async function startExample(file: string, env: Record<string, string>): Promise<ExampleApi> {
  const { child, said, exited } = run(file, [], { ...env, PORT: '0' });
  const stop = () => {
    child.kill();
    return exited;
  };
  const limit = Date.now() + PATIENCE_MS;
  for (;;) {
    const url = /http:\/\/localhost:\d+/.exec(said.stdout)?.[0];
    if (url) return { url, stop };
    if (child.exitCode !== null || Date.now() > limit) {
      await stop();
      throw new Error(`${file} did not start:\n${said.stdout}${said.stderr}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export const exampleFile = (path: string): string => examples + path;

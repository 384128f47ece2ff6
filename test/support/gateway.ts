import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const examples = fileURLToPath(new URL('../../examples/gateways/', import.meta.url));
const START_LIMIT_MS = 20_000;
const STOP_LIMIT_MS = 5_000;

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export interface Gateway {
  port: number;
  url: string;
  stop: () => Promise<void>;
}

/** The addresses in the examples, and those of this test. */
export type Replacements = Record<string, string>;

/** A scratch folder for one gateway. */
export function makeScratch(): string {
  return mkdtempSync(join(tmpdir(), 'latchkey-gateway-'));
}

/** Two passes, because an inserted address (127.0.0.1:30005) may contain one that is still to be replaced (127.0.0.1:3000). */
export function readdressed(text: string, replacements: Replacements): string {
  const addresses = Object.entries(replacements).map(([from, to], index) => ({
    from,
    to,
    place: `\0${index}\0`,
  }));
  const marked = addresses.reduce((current, { from, place }) => current.replaceAll(from, place), text);
  return addresses.reduce((current, { to, place }) => current.replaceAll(place, to), marked);
}

/** Copies example files with other addresses; fails if an address occurs nowhere, because then the example has changed. */
export function copyExamples(files: readonly string[], scratch: string, replacements: Replacements): void {
  const texts = files.map((file) => readFileSync(join(examples, file), 'utf8'));
  for (const from of Object.keys(replacements)) {
    if (!texts.some((text) => text.includes(from))) throw new Error(`${files.join(', ')}: no ${from}`);
  }
  mkdirSync(scratch, { recursive: true });
  files.forEach((file, index) => {
    writeFileSync(join(scratch, basename(file)), readdressed(texts[index] as string, replacements));
  });
}

/** The http context of Debian's nginx.conf around `text`, in a scratch folder. */
export const aroundNginx = (scratch: string, text: string) => `
daemon off;
master_process off;
pid ${scratch}/nginx.pid;
error_log stderr;
events {}
http {
  access_log off;
  client_body_temp_path ${scratch}/body;
  proxy_temp_path ${scratch}/proxy;
  fastcgi_temp_path ${scratch}/fastcgi;
  uwsgi_temp_path ${scratch}/uwsgi;
  scgi_temp_path ${scratch}/scgi;
  ${text}
}
`;

export const exampleFile = (path: string): string => join(examples, path);

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  const exited = new Promise<void>((resolve) => child.once('close', () => resolve()));
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
  return exited.finally(() => clearTimeout(late));
}

/** Starts a gateway in its scratch folder, and waits until its port accepts connections. */
export async function runGateway(
  binary: string,
  args: string[],
  port: number,
  scratch: string,
): Promise<Gateway> {
  const env = { PATH: process.env.PATH, HOME: scratch, XDG_DATA_HOME: scratch, XDG_CONFIG_HOME: scratch };
  const child = spawn(binary, args, { cwd: scratch, env, stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  child.once('close', () => running.delete(child));
  const said: string[] = [];
  child.once('error', (error) => said.push(error.message));
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => said.push(String(chunk)));
  const stop = async () => {
    await end(child);
    rmSync(scratch, { recursive: true, force: true });
  };
  const limit = Date.now() + START_LIMIT_MS;
  while (!(await accepts(port))) {
    if (child.exitCode !== null || Date.now() > limit) {
      await stop();
      throw new Error(`${basename(binary)} did not start:\n${said.join('')}`);
    }
    await sleep(40);
  }
  return { port, url: `http://127.0.0.1:${port}`, stop };
}

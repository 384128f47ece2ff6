import * as http from 'node:http';
import * as https from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Exit, Launched } from './launch.js';

const PATIENCE_MS = 45_000;

/** The server ended, or never became ready; the message contains its output. */
export class ServerDidNotStart extends Error {
  constructor(
    reason: string,
    readonly exit: Exit | undefined,
    readonly stdout: string,
    readonly stderr: string,
  ) {
    super(`${reason}\n--- stdout ---\n${stdout}\n--- stderr ---\n${stderr}`);
  }
}

function status(url: URL): Promise<number | undefined> {
  const transport = url.protocol === 'https:' ? https : http;
  return new Promise((resolve) => {
    const request = transport.get(
      url,
      { agent: false, rejectUnauthorized: false, timeout: 5_000 },
      (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      },
    );
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(undefined));
  });
}

/** Waits for `/health/ready`; fails at once if the server ends. */
export async function untilReady(server: Launched, url: string): Promise<void> {
  let exit: Exit | undefined;
  server.exited.then(
    (ended) => {
      exit = ended;
    },
    () => {
      exit = { code: null, signal: null };
    },
  );
  const limit = Date.now() + PATIENCE_MS;
  const failed = (reason: string) => new ServerDidNotStart(reason, exit, server.stdout(), server.stderr());
  while ((await status(new URL('/health/ready', url))) !== 200) {
    if (exit) throw failed(`The server ended before it was ready (exit code ${exit.code}, ${exit.signal}).`);
    if (Date.now() > limit) throw failed(`The server was not ready after ${PATIENCE_MS / 1000} s.`);
    await sleep(40);
  }
}

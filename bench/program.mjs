import { mkdtempSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];
const abort = new AbortController();

/** Aborted by the first signal that ends the program: nothing is started or made after it. */
export const interrupted = abort.signal;

/** What whoever runs the program can mend: told in one line, without a stack. */
export class Failure extends Error {}

/** What a program of the bench starts and makes, for `clear` to take away. `database` is the promise of one. */
class Scratch {
  servers = new Set();
  database = undefined;

  constructor(name) {
    this.folder = mkdtempSync(join(tmpdir(), name));
  }

  async clear() {
    await Promise.allSettled([...this.servers].map((server) => server.remove()));
    const database = await this.database?.catch(() => undefined);
    await database?.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Runs a program of the bench and clears up after it, once, whatever ends it: its end, a failure or a signal. */
export async function runProgram(name, work) {
  for (const signal of SIGNALS) process.on(signal, () => abort.abort(new Failure(signal)));
  const stopped = new Promise((_, reject) => {
    interrupted.addEventListener('abort', () => reject(interrupted.reason));
  });
  const scratch = new Scratch(name);
  let failure;
  try {
    await Promise.race([work(scratch), stopped]);
  } catch (error) {
    failure = error;
  }
  // Ctrl-C goes to the children, too: one that ended of it may be heard of before the signal.
  await sleep(10);
  await scratch.clear();
  if (interrupted.aborted) process.exit(128 + constants.signals[interrupted.reason.message]);
  if (!failure) process.exit(0);
  console.error(failure instanceof Failure ? failure.message : failure);
  process.exit(1);
}

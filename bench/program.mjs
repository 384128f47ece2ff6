import { mkdtempSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];
const abort = new AbortController();

/** Aborted by the first signal that ends the program; nothing is started or created after that. */
export const interrupted = abort.signal;

/** A failure that the user can fix: reported on one line, without a stack. */
export class Failure extends Error {}

/** What a bench program starts and creates, for `clear` to remove. `databases` are promises. */
class Scratch {
  servers = new Set();
  databases = new Set();

  constructor(name) {
    this.folder = mkdtempSync(join(tmpdir(), name));
  }

  async clear() {
    await Promise.allSettled([...this.servers].map((server) => server.remove()));
    for (const starting of this.databases) {
      const database = await starting.catch(() => undefined);
      await database?.stop();
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Runs a bench program and cleans up once, whether it completes, fails or is interrupted. */
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
  // Ctrl-C also reaches the children: the exit of one may be noticed before the signal.
  await sleep(10);
  await scratch.clear();
  if (interrupted.aborted) process.exit(128 + constants.signals[interrupted.reason.message]);
  if (!failure) process.exit(0);
  console.error(failure instanceof Failure ? failure.message : failure);
  process.exit(1);
}

import { constants, fstatSync, openSync, write } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const STANDARD_OUTPUT = 1;
const FULL_PIPE_PAUSE_MS = 100;

const writeSome = promisify(write);

/**
 * Standard output that never blocks: neither the event loop, as `process.stdout` does on a full pipe, nor a thread of
 * Node's pool.
 */
export class StandardOutput {
  private readonly descriptor = openWithoutBlocking();

  /** Resolves when the operating system has all of it; throws once the signal is aborted. */
  async write(text: string, signal: AbortSignal): Promise<void> {
    const bytes = Buffer.from(text);
    for (let written = 0; written < bytes.length; ) {
      const rest = bytes.length - written;
      try {
        written += (await writeSome(this.descriptor, bytes, written, rest, null)).bytesWritten;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
        await sleep(FULL_PIPE_PAUSE_MS, undefined, { signal });
      }
    }
  }
}

/** A pipe is opened anew, since the mode of the inherited descriptor belongs to other programs as well. */
function openWithoutBlocking(): number {
  if (!fstatSync(STANDARD_OUTPUT).isFIFO()) return STANDARD_OUTPUT;
  try {
    return openSync('/dev/stdout', constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    return STANDARD_OUTPUT;
  }
}

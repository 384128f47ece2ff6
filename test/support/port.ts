import { createServer } from 'node:net';

/** Below the range of ephemeral ports, so that no outgoing connection takes one. */
const FIRST_PORT = 20_000;
const PORTS_PER_WORKER = 1_000;
const MAX_WORKERS = 12;

/** Each worker of a run has its own range, so that it never takes the port of a server that another worker is restarting. */
const worker = (Number(process.env.VITEST_POOL_ID ?? 1) - 1) % MAX_WORKERS;
let next = Math.floor(Math.random() * PORTS_PER_WORKER);

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer().once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}

export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST_PORT + worker * PORTS_PER_WORKER + (next++ % PORTS_PER_WORKER);
    if (await isFree(port)) return port;
  }
}

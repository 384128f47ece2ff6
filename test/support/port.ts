import { createServer } from 'node:net';

/** Below the range from which the kernel takes ports for outgoing connections: no client can come in between. */
const FIRST_PORT = 20_000;
const PORTS_PER_WORKER = 1_000;
const MAX_WORKERS = 12;

/** Each worker of a run has ports of its own: none takes that of a server that another is about to start again. */
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

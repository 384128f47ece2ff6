import { setTimeout as sleep } from 'node:timers/promises';
import type { TestServer } from './server.js';

const PATIENCE_MS = 30_000;

/** The process ids of the workers that have served, in the order of their starts. */
export const workersOf = (server: TestServer): number[] =>
  [...server.stderr().matchAll(/"worker":(\d+),"msg":"worker ready"/g)].map(([, pid]) => Number(pid));

/** Waits until this many have served since the start of the server. Returns their process ids. */
export async function untilWorkers(server: TestServer, count: number): Promise<number[]> {
  for (const limit = Date.now() + PATIENCE_MS; ; await sleep(50)) {
    const pids = workersOf(server);
    if (pids.length >= count) return pids;
    if (Date.now() > limit) throw new Error(`${pids.length} of ${count} workers serve.\n${server.stderr()}`);
  }
}

/** Sends enough concurrent requests that each worker gets some: connections are distributed in turn. */
export const everywhere = <T>(send: (n: number) => Promise<T>, times = 12): Promise<T[]> =>
  Promise.all(Array.from({ length: times }, (_, n) => send(n)));

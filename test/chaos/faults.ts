import { setTimeout as sleep } from 'node:timers/promises';
import type { engine } from '../support/database.js';
import type { World } from './world.js';

export type Engine = typeof engine;

export const ALL: readonly Engine[] = ['sqlite', 'mysql', 'postgres'];
export const SERVERS: readonly Engine[] = ['mysql', 'postgres'];

/** What is done to the database, the server or what is between them. */
export interface Fault {
  /** As in docs/reliability.md. */
  name: string;
  engines: readonly Engine[];
  needsDisk?: true;
  /** Part of the short form. */
  short?: true;
  /** How often it is repeated in the full form. */
  rounds: number;
  /** Begins it and ends it, under load. */
  run(world: World): Promise<void>;
  /** Afterwards, without load. */
  settle?(world: World): Promise<void>;
}

const FEW = 5;
const MANY = 100;
/** Longer than a silent database is waited for. */
export const SILENCE_MS = 2600;

export const databaseOf = ({ database }: World) => {
  if (!database) throw new Error('this fault needs a database server');
  return database;
};

export const fault = (
  name: string,
  engines: readonly Engine[],
  run: Fault['run'],
  more: Partial<Fault> = {},
): Fault => ({ name, engines, run, rounds: FEW, ...more });

const KILLS: readonly Fault[] = [
  fault(
    'server process killed',
    ALL,
    async (world) => {
      for (const server of world.servers) {
        await server.kill();
        const began = performance.now();
        await server.restart();
        world.started(performance.now() - began);
      }
    },
    { rounds: MANY, short: true },
  ),
  fault(
    'database killed',
    SERVERS,
    async (world) => {
      await databaseOf(world).kill();
      await databaseOf(world).startAgain();
    },
    { rounds: MANY, short: true },
  ),
];

export const PROCESS_FAULTS: readonly Fault[] = [
  ...KILLS,
  fault('server process frozen', ALL, async ({ servers: [first] }) => {
    process.kill(first.pid, 'SIGSTOP');
    await sleep(SILENCE_MS);
    process.kill(first.pid, 'SIGCONT');
  }),
  fault(
    'clock ahead and behind',
    ALL,
    async ({ clock }) => {
      for (const minutes of [10, -10]) {
        await clock.set(minutes * 60_000);
        await sleep(700);
      }
      await clock.set(0);
    },
    { short: true },
  ),
  fault('database frozen', SERVERS, async (world) => {
    databaseOf(world).signal('SIGSTOP');
    await sleep(SILENCE_MS);
    databaseOf(world).signal('SIGCONT');
  }),
];

/** Through PgBouncer, in transaction mode. */
export const POOLED_FAULTS: readonly Fault[] = [
  ...KILLS,
  fault(
    'PgBouncer killed',
    ['postgres'],
    async (world) => {
      const { pooler } = databaseOf(world);
      await pooler?.kill();
      pooler?.startAgain();
    },
    { rounds: MANY },
  ),
];

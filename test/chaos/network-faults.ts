import { setTimeout as sleep } from 'node:timers/promises';
import { engine } from '../support/database.js';
import { databaseOf, type Fault, fault, SERVERS, SILENCE_MS } from './faults.js';
import type { World } from './world.js';

const SHORT_MS = 600;

const END_SESSIONS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'app'";

/** What an administrator of the database sets, and how it is taken back. */
const CONNECTION_LIMIT = {
  sqlite: [[], []],
  mysql: [
    ["ALTER USER 'app'@'%' WITH MAX_USER_CONNECTIONS 3", 'KILL USER app'],
    ["ALTER USER 'app'@'%' WITH MAX_USER_CONNECTIONS 0"],
  ],
  postgres: [['ALTER ROLE app CONNECTION LIMIT 3', END_SESSIONS], ['ALTER ROLE app CONNECTION LIMIT -1']],
}[engine] as [string[], string[]];

const READ_ONLY = {
  sqlite: [[], []],
  mysql: [['SET GLOBAL read_only = 1'], ['SET GLOBAL read_only = 0']],
  postgres: [
    ['ALTER ROLE app SET default_transaction_read_only = on', END_SESSIONS],
    ['ALTER ROLE app RESET default_transaction_read_only', END_SESSIONS],
  ],
}[engine] as [string[], string[]];

async function during([begin, end]: [string[], string[]], world: World): Promise<void> {
  await databaseOf(world).run(...begin);
  await sleep(SHORT_MS);
  await databaseOf(world).run(...end);
}

/** Of the line between the server and the database, and of the database's readiness to serve. */
export const NETWORK_FAULTS: readonly Fault[] = [
  fault('connections cut', SERVERS, async (world) => {
    for (const { near, far } of databaseOf(world).line.open()) {
      near.destroy();
      far.destroy();
    }
  }),
  fault(
    'half-open connections',
    SERVERS,
    async (world) => {
      databaseOf(world).line.swallow();
    },
    { short: true },
  ),
  fault('black hole', SERVERS, async (world) => {
    const { line } = databaseOf(world);
    const swallowing = setInterval(() => line.swallow(), 5);
    await sleep(SILENCE_MS);
    clearInterval(swallowing);
  }),
  fault('slow line', SERVERS, async (world) => {
    const { line } = databaseOf(world);
    line.delayMs = 40;
    await sleep(2 * SHORT_MS);
    line.delayMs = 0;
  }),
  fault('connection limit', SERVERS, (world) => during(CONNECTION_LIMIT, world)),
  fault('database read-only', SERVERS, (world) => during(READ_ONLY, world)),
];

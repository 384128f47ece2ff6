import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withConnection } from '../support/connection.js';
import { engine } from '../support/database.js';
import { Galera, hasGalera } from '../support/galera.js';
import { get } from '../support/http.js';
import { aClient } from '../support/registration.js';
import { startServer, type TestServer } from '../support/server.js';
import { servesAgain } from '../support/timed.js';
import { Journal } from './journal.js';
import { recipeOf, startAgain, until } from './process.js';
import { isChosen, isFull, MAX_ROUNDS, NONE, report, sum } from './report.js';
import { judge } from './verdict.js';
import { Workload } from './workload.js';

const ROUNDS = Math.min(20, MAX_ROUNDS);
/** Longer than the cluster takes to exclude a node. */
const CUT_OFF_MS = 9000;
const MAX_JOIN_MS = 60_000;

/** The node that is killed and cut off; the first one is the address at which others join. */
const VICTIM = 2;

describe('A confirmed result on three nodes of Galera', {
  timeout: 3_600_000,
  skip: !isFull || engine !== 'mysql' || !hasGalera,
}, () => {
  let outside: string;
  let galera: Galera;
  let urls: string[];
  let servers: TestServer[] = [];
  let journal: Journal;
  let workload: Workload;
  let judged = 0;

  beforeAll(async () => {
    outside = mkdtempSync(join(tmpdir(), 'latchkey-chaos-'));
    journal = new Journal(join(outside, 'journal.jsonl'));
    galera = await Galera.start(3);
    urls = await galera.createDatabase();
    const env = {
      LATCHKEY_MASTER_KEY: randomBytes(32).toString('base64'),
      LATCHKEY_ADMIN_CLIENT_SECRET: randomBytes(24).toString('base64url'),
      LATCHKEY_PUBLIC_URL: 'https://latchkey.example',
    };
    for (const databaseUrl of urls) servers.push(await startServer({ databaseUrl, dataDir: outside, env }));
    const first = servers[0] as TestServer;
    const client = await aClient(first).withTokens({ refresh_token: true }).register();
    const reader = await aClient(first).withGrant('Session:*:introspect').register();
    workload = new Workload(servers, client, reader, journal);
  }, 240_000);
  afterAll(async () => {
    await Promise.all(servers.map((server) => server.stop()));
    servers = [];
    await galera?.stop();
    journal?.close();
    rmSync(outside, { recursive: true, force: true });
  });

  const run = (sql: string) => withConnection(urls[VICTIM] as string, (connection) => connection.all(sql));

  const isSynced = () =>
    run("SHOW STATUS LIKE 'wsrep_local_state_comment'").then(
      ([row]) => row?.Value === 'Synced',
      () => false,
    );

  async function cutOff(): Promise<void> {
    await run("SET GLOBAL wsrep_provider_options = 'gmcast.isolate=1'");
    await sleep(CUT_OFF_MS);
    await run("SET GLOBAL wsrep_provider_options = 'gmcast.isolate=0'");
    await until(isSynced, MAX_JOIN_MS, 'the node has not joined again');
  }

  async function kill(): Promise<void> {
    const pid = galera.pidOf(VICTIM);
    const recipe = recipeOf(pid);
    process.kill(pid, 'SIGKILL');
    await sleep(1000);
    galera.replace(VICTIM, startAgain(recipe));
    await until(isSynced, MAX_JOIN_MS, 'the node has not joined again');
  }

  const faults = [
    ['Galera: node killed', kill],
    ['Galera: node cut off, split brain healed', cutOff],
  ] as const;

  it.each(faults.filter(([name]) => isChosen(name)))('through this fault: %s', async (name, strike) => {
    let total = NONE;
    let recoveryMs = 0;
    for (let round = 0; round < ROUNDS; round++) {
      await workload.during(async () => {
        await sleep(500);
        await strike();
      });
      const began = performance.now();
      for (const { url } of servers) await servesAgain(() => get(`${url}/health/ready`), 20_000);
      recoveryMs = Math.max(recoveryMs, Math.round(performance.now() - began));
      const entries = journal.read();
      total = sum(total, await judge(entries.slice(judged), servers, workload));
      judged = entries.length;
    }
    const { stale, odd } = workload.takeFindings();
    report(name, ROUNDS, { ...total, stale, recoveryMs });
    expect({ lost: total.lost, risen: total.risen, stale, odd }).toEqual({
      lost: 0,
      risen: 0,
      stale: 0,
      odd: [],
    });
    expect(total.issued).toBeGreaterThan(0);
  });
});

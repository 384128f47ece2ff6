import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { admin } from '../support/admin.js';
import { connectTo } from '../support/connection.js';
import { engine, startServer, type TestServer } from '../support/server.js';
import { timed } from '../support/timed.js';

const MAX_WRITES = 60;
/** What the simultaneous writes take one after the other: well below their deadline of three seconds. */
const SERIAL_MS = 1000;
const SAMPLES = 5;
const POLL_INTERVAL_MS = 20;
const WAITERS =
  engine === 'postgres'
    ? `SELECT COUNT(*) AS waiters FROM pg_stat_activity
        WHERE datname = CURRENT_DATABASE() AND wait_event_type = 'Lock'`
    : `SELECT COUNT(*) AS waiters FROM information_schema.processlist
        WHERE db = DATABASE() AND info LIKE 'UPDATE configuration_revision%'`;

describe('Simultaneous writes of configuration', { timeout: 60_000 }, () => {
  let server: TestServer;
  let made = 0;

  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(async () => {
    await server?.stop();
  });

  const put = () => timed(admin(server).put(`/Client/simultaneous-${made++}`, {}));
  const putTogether = (count: number) => Promise.all(Array.from({ length: count }, put));

  /** As many writes as this machine can carry out in time, were they to come one by one. */
  async function affordable(): Promise<number> {
    const samples: number[] = [];
    for (let sample = 0; sample < SAMPLES; sample++) samples.push((await put()).milliseconds);
    return Math.min(MAX_WRITES, Math.ceil(SERIAL_MS / Math.max(...samples)));
  }

  it('are all completed within their deadlines (fault F12)', async () => {
    const count = await affordable();
    const answers = await putTogether(count);
    expect(answers.map(({ status }) => status)).toEqual(new Array(count).fill(201));
  });

  it.runIf(engine !== 'sqlite')(
    'use one connection while they wait for another process (fault F12)',
    async () => {
      const other = await connectTo(server.databaseUrl as string);
      const observer = await connectTo(server.databaseUrl as string);
      try {
        await other.all('START TRANSACTION');
        await other.all('UPDATE configuration_revision SET clients = clients WHERE id = 1');
        let answered = false;
        const answers = putTogether(20).finally(() => {
          answered = true;
        });
        let most = 0;
        while (!answered) {
          const [row] = await observer.all(WAITERS);
          most = Math.max(most, Number(row?.waiters));
          await sleep(POLL_INTERVAL_MS);
        }
        expect(most).toBe(1);
        expect((await answers).map(({ status }) => status)).toEqual(new Array(20).fill(503));
        await other.all('ROLLBACK');
        expect((await put()).status).toBe(201);
      } finally {
        await Promise.all([other.close(), observer.close()]);
      }
    },
  );
});

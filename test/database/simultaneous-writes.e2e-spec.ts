import { setTimeout as sleep } from 'node:timers/promises';
import mysql from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { admin } from '../support/admin.js';
import { engine, startServer, type TestServer } from '../support/server.js';

const WRITES = 60;
const WRITES_BEHIND_LOCK = 20;
/** Less than the two seconds that a statement waits for a lock. */
const LOCKED_MS = 1250;

describe('Simultaneous writes of configuration', { timeout: 60_000 }, () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(async () => {
    await server?.stop();
  });

  async function putAll(prefix: string, count: number) {
    const numbers = Array.from({ length: count }, (_, number) => number);
    const puts = numbers.map((number) => admin(server).put(`/Client/${prefix}-${number}`, {}));
    return Promise.all(puts);
  }

  it('are all carried out, sixty in one process (fault F12)', async () => {
    const answers = await putAll('parallel', WRITES);
    expect(answers.map(({ status }) => status)).toEqual(new Array(WRITES).fill(201));
  });

  it.skipIf(engine !== 'mysql')(
    'are all carried out after another process has held them up (fault F12)',
    async () => {
      const other = await mysql.createConnection({ uri: server.databaseUrl as string });
      try {
        await other.beginTransaction();
        await other.query('UPDATE configuration_revision SET clients = clients WHERE id = 1');
        const answers = putAll('waits', WRITES_BEHIND_LOCK);
        await sleep(LOCKED_MS);
        await other.rollback();
        expect((await answers).map(({ status }) => status)).toEqual(new Array(WRITES_BEHIND_LOCK).fill(201));
      } finally {
        await other.end();
      }
    },
  );
});

import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anAddress, FROM_ANYWHERE, from } from '../support/addresses.js';
import { NATIVE } from '../support/dialects.js';
import { basic, form } from '../support/http.js';
import { aClient, storedElsewhere, type TestClient } from '../support/registration.js';
import { engine, startServer, type TestServer } from '../support/server.js';
import { runSql } from '../support/sql.js';

let one: TestServer;
let two: TestServer;

beforeAll(async () => {
  one = await startServer({ env: { ...FROM_ANYWHERE, LATCHKEY_FAILURES_PER_MINUTE: '10' } });
  two = await startServer({ beside: one });
});
afterAll(async () => {
  await two?.stop();
  await one?.stop();
});

const ask = (server: TestServer, { id }: TestClient, secret: string, address: string) =>
  form(
    server.url + NATIVE.token,
    { grant_type: 'client_credentials' },
    { ...basic(id, secret), ...from(address) },
  );

describe.runIf(engine !== 'sqlite')('Two processes on one database server', () => {
  it('counts failures of several processes together (C15, L01)', async () => {
    const chosen = await aClient(one).with({ secret: 'a-secret-that-was-chosen' }).register();
    const client = await storedElsewhere(one, chosen);
    const address = anAddress();
    for (let n = 0; n < 10; n++) {
      const server = n % 2 === 0 ? one : two;
      expect((await ask(server, client, `wrong at one of two ${n}`, address)).status).toBe(401);
    }
    for (const server of [one, two]) {
      for (const secret of ['wrong at both of them', client.secret]) {
        const answer = await ask(server, client, secret, address);
        expect(answer.status).toBe(429);
        expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
      }
    }
    for (const server of [one, two])
      expect((await ask(server, client, client.secret, anAddress())).status).toBe(200);
  });

  it('counts a wrong secret once across processes (fault C2)', async () => {
    const client = await aClient(one).with({ secret: 'a-secret-that-was-chosen' }).register();
    const address = anAddress();
    for (let n = 0; n < 9; n++) {
      for (const server of [one, two])
        expect((await ask(server, client, `old at both ${n}`, address)).status).toBe(401);
    }
    expect((await ask(two, client, client.secret, address)).status).toBe(200);
    expect((await ask(one, client, 'the tenth guess', address)).status).toBe(401);
    expect((await ask(one, client, 'the eleventh guess', address)).status).toBe(429);
  });

  it('answers 401 no more often in several processes than in one, also concurrently (C15)', async () => {
    const client = await aClient(one).register();
    const address = anAddress();
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, n) => ask(n % 2 === 0 ? one : two, client, `all at once ${n}`, address)),
    );
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 401)).toHaveLength(10);
    expect(statuses.filter((status) => status === 429)).toHaveLength(50);
  });

  it('removes expired counts and no others (C15)', async () => {
    const client = await aClient(one).register();
    await ask(one, client, 'counted and kept', anAddress());
    const ended = Array.from({ length: 1200 }, (_, n) => `('ended-${n}', 1, 1)`).join(', ');
    await runSql(one, `INSERT INTO failure_count VALUES ${ended}`);
    const count = async (where: string) =>
      Number((await runSql(one, `SELECT COUNT(*) AS n FROM failure_count WHERE ${where}`))[0]?.n);
    for (let n = 0; n < 100 && (await count('expire = 1')) > 0; n++) await sleep(200);
    expect(await count('expire = 1')).toBe(0);
    expect(await count('expire > 1')).toBeGreaterThan(0);
  });

  it('logs a reached limit once across processes (G05)', async () => {
    const client = await aClient(one).register();
    const address = anAddress();
    for (let n = 0; n < 24; n++) await ask(n % 2 === 0 ? one : two, client, `reported once ${n}`, address);
    const reported = [one, two].flatMap((server) =>
      server
        .stderr()
        .split('\n')
        .filter((line) => line.includes('"client_limited"') && line.includes(`"${address}"`)),
    );
    expect(reported).toHaveLength(1);
  });
});

describe.runIf(engine === 'sqlite')('Two processes on one SQLite file', () => {
  it('counts failures per process (C15)', async () => {
    const chosen = await aClient(one).with({ secret: 'a-secret-that-was-chosen' }).register();
    const client = await storedElsewhere(one, chosen);
    const address = anAddress();
    for (let n = 0; n < 10; n++) {
      for (const server of [one, two]) {
        expect((await ask(server, client, `each for itself ${n}`, address)).status).toBe(401);
      }
    }
    for (const server of [one, two])
      expect((await ask(server, client, client.secret, address)).status).toBe(429);
  });
});

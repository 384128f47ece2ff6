import { request as send } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Admin, admin } from '../support/admin.js';
import { type Answer, basic } from '../support/http.js';
import { startServer, type TestServer } from '../support/server.js';

const ROUNDS = 20;
const CLIENTS = 60;
const MAX_DELAY_MS = 400;
/** Of the rounds; the others cut the connection, as the end of a killed command does. */
const SERVER_KILLS = 5;

let server: TestServer;
let root: Admin;

beforeAll(async () => {
  server = await startServer();
  root = admin(server);
});

afterAll(() => server?.stop());

const bundle = (name: string) => ({
  resourceType: 'Bundle',
  type: 'transaction',
  entry: Array.from({ length: CLIENTS }, (_, at) => ({
    resource: { resourceType: 'Client', id: `${name}-${at}`, grant_types: ['client_credentials'] },
    request: { method: 'PUT', url: `Client/${name}-${at}` },
  })),
});

/** Sends the Bundle; the answer does not matter. */
function startApply(name: string) {
  const headers = { ...basic(server.adminId, server.adminSecret), 'content-type': 'application/json' };
  const sent = send(`${server.url}/`, { method: 'POST', headers });
  sent.on('error', () => undefined);
  sent.on('response', (response) => response.resume());
  sent.end(JSON.stringify(bundle(name)));
  return sent;
}

it('writes all or nothing of a Bundle, whenever its sender or the server is killed', {
  timeout: 180_000,
}, async () => {
  const delays = fc.sample(fc.integer({ min: 0, max: MAX_DELAY_MS }), ROUNDS);
  const outcomes: string[] = [];
  for (const [round, delay] of delays.entries()) {
    const name = `killed-${round}`;
    const sent = startApply(name);
    await sleep(delay);
    if (round % (ROUNDS / SERVER_KILLS) === 0) {
      await server.kill();
      await server.restart();
    }
    sent.destroy();
    // Writes take turns: a request that has arrived is completed before this one.
    await untilServed(() => root.put('/Client/barrier', { name }));
    const { total } = (await untilServed(() => root.get(`/Client?_id=${ids(name)}&_count=1`))).body;
    expect([0, CLIENTS], `after ${delay} ms`).toContain(total);
    outcomes.push(total === 0 ? 'nothing' : 'all');
  }
  expect(outcomes).toHaveLength(ROUNDS);
});

/** A slow machine answers 503 after a restart, and is asked again. */
async function untilServed(ask: () => Promise<Answer>): Promise<Answer> {
  for (;;) {
    const answer = await ask();
    if (answer.status !== 503) return answer;
  }
}

const ids = (name: string) => Array.from({ length: CLIENTS }, (_, at) => `${name}-${at}`).join(',');

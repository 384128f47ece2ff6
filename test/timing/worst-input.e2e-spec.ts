import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { idsOf } from '../admin/answers.js';
import { allow, linkTo } from '../admin/callers.js';
import { admin } from '../support/admin.js';
import { NATIVE } from '../support/dialects.js';
import { LoopProbe, medianStop } from '../support/event-loop.js';
import { get } from '../support/http.js';
import { registerLibrary } from '../support/library.js';
import { aClient, aResource, register } from '../support/registration.js';
import { startServer, type TestServer } from '../support/server.js';
import { inputsOfAnyone, inputsOfClient, type WorstInput } from '../support/worst-inputs.js';

const LIMIT_MS = 50;
const ROUNDS = 5;
const MAX_HEAP_GROWTH_BYTES = 24 * 1024 * 1024;
const TIMEOUT_MS = 300_000;

const probe = new LoopProbe();
let server: TestServer;
let limitMs = LIMIT_MS;
let ofClient: WorstInput[];
let ofStranger: WorstInput[];

beforeAll(async () => {
  // Each kind of refusal is met: at first for what was sent, then because too much of it was (429).
  const env = { ...probe.env, LATCHKEY_FAILURES_PER_MINUTE: '20', LATCHKEY_TRUSTED_PROXIES: '127.0.0.1' };
  server = await startServer({ env });
  await registerLibrary(server);
  const client = await aClient(server)
    .with({ grant_types: ['basic', 'client_credentials'] })
    .withTokens({ refresh_token: true })
    .withGrant('book:*:read,write')
    .register();
  await client.token(NATIVE);
  const [session = ''] = idsOf(await admin(server).get(`/Session?client=${client.id}`));
  ofClient = [...(await inputsOfClient(server, client, session)), ...inputsOfAnyone(server, client.basic)];
  ofStranger = inputsOfAnyone(server);
  for (const input of [...ofClient, ...ofStranger]) await input.send();
  // What a quiet request stops the loop for on this machine, at this moment.
  const live = () => get(`${server.url}/health/live`);
  limitMs = Math.max(LIMIT_MS, 3 * (await medianStop(probe, live, 0)));
}, TIMEOUT_MS);

afterAll(() => server?.stop());

async function expectShortStops(inputs: readonly WorstInput[]): Promise<void> {
  for (const { what, send } of inputs) {
    let status = 0;
    const stop = await medianStop(
      probe,
      async () => {
        status = await send();
      },
      limitMs,
    );
    expect(status, what).toBeLessThan(500);
    expect(stop, what).toBeLessThan(limitMs);
  }
}

describe('Worst inputs at the maximum size', () => {
  it(
    'block the event loop for less than 50 ms from a client without permissions (faults B2, B3, B6)',
    () => expectShortStops(ofClient),
    TIMEOUT_MS,
  );

  it(
    'block the event loop for less than 50 ms without authentication, even while answered with 429 (faults B2, B3)',
    () => expectShortStops(ofStranger),
    TIMEOUT_MS,
  );

  it(
    'block the event loop for less than 50 ms as 2,000 items and 1,000 rules for $explain and $who-can (fault B6)',
    async () => {
      const names = Array.from({ length: 1000 }, (_, n) => `op-${n}`);
      await aResource(server, 'wide', names);
      const { id } = await aClient(server).register();
      const rules = names.map((_, n) => allow('wide', `i-${n}`, 'op-999'));
      await register(server, 'AccessPolicy', 'wide', { engine: 'rules', link: linkTo(id), rules });
      const scope = Array.from({ length: 2000 }, (_, n) => `wide:i-${n}:op-1`).join(' ');
      const root = admin(server);
      const questions = [
        () => root.post('/AccessPolicy/$explain', { client: id, scope }),
        () => Promise.all([1, 2, 3].map(() => root.post('/AccessPolicy/$explain', { client: id, scope }))),
        () => root.post('/AccessPolicy/$who-can', { scope }),
      ];
      const explained = await root.post('/AccessPolicy/$explain', { client: id, scope });
      expect(explained.body.items).toHaveLength(2000);
      for (const question of questions)
        expect(await medianStop(probe, question, limitMs)).toBeLessThan(limitMs);
    },
    TIMEOUT_MS,
  );

  it(
    'leave no memory allocated, however often they are sent (fault B2)',
    async () => {
      const all = [...ofClient, ...ofStranger];
      const before = await probe.heapBytes();
      for (let round = 0; round < ROUNDS; round++) await Promise.all(all.map(({ send }) => send()));
      expect((await probe.heapBytes()) - before).toBeLessThan(MAX_HEAP_GROWTH_BYTES);
    },
    TIMEOUT_MS,
  );
});

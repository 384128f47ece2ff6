import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allow, deny, linkTo } from '../admin/callers.js';
import { type Admin, admin } from '../support/admin.js';
import { LoopProbe, medianStop } from '../support/event-loop.js';
import { type Answer, get } from '../support/http.js';
import { aClient, register } from '../support/registration.js';
import { startServer, type TestServer } from '../support/server.js';

const LIMIT_MS = 50;
const MAX_WRITE_MS = 2000;
const TIMEOUT_MS = 600_000;
const CLIENTS = 400;
const POLICIES = 240;
const OPERATIONS = 9998;

const probe = new LoopProbe();
let server: TestServer;
let root: Admin;
let manager: Admin;
let limitMs = LIMIT_MS;

const many = <T>(length: number, item: (n: number) => T): T[] => Array.from({ length }, (_, n) => item(n));

const rules = (...all: object[]) => ({ engine: 'rules', rules: all });
const linked = (ids: string[], ...all: object[]) => ({ ...rules(...all), link: linkTo(...ids) });

async function registerAll(documents: [path: string, resource: object][]): Promise<void> {
  const entry = documents.map(([url, resource]) => ({ request: { method: 'PUT', url }, resource }));
  const answer = await root.post('/', { resourceType: 'Bundle', type: 'transaction', entry });
  if (answer.status !== 200) throw new Error(`POST /: ${answer.status} ${answer.text}`);
}

beforeAll(async () => {
  server = await startServer({ env: probe.env });
  root = admin(server);
  const names = many(CLIENTS, (n) => `c-${n}`);
  await registerAll(
    names.map((id) => [`Client/${id}`, { grant_types: ['client_credentials'] }] as [string, object]),
  );
  await register(server, 'Resource', 'small', { audience: 'urn:small-0', operations: [{ name: 'read' }] });
  await register(server, 'Resource', 'other', {
    audience: 'urn:other',
    operations: [{ name: 'read' }, { name: 'list' }],
  });
  await register(server, 'Resource', 'wide', { audience: 'urn:other', operations: operations('p') });
  const limited = await aClient(server)
    .with({ grant_types: ['basic'] })
    .withGrant('Resource:small:*', 'Resource:wide:*', 'Resource:other:*', 'small:*:*', 'wide:*:*')
    .register();
  manager = admin(server, limited.basic);
  const live = () => get(`${server.url}/health/live`);
  limitMs = Math.max(LIMIT_MS, 3 * (await medianStop(probe, live, 0)));
}, TIMEOUT_MS);

afterAll(() => server?.stop());

const operations = (name: string) => [
  ...many(500, (n) => ({ name: `kept-${n}` })),
  ...many(OPERATIONS - 500, (n) => ({ name: `${name}-${n}` })),
];

/** The status, after checking how long the event loop was stopped and the write took. */
async function expectShort(write: (turn: number) => Promise<Answer>): Promise<number> {
  let turn = 0;
  let status = 0;
  let slowestMs = 0;
  const stop = await medianStop(
    probe,
    async () => {
      const since = performance.now();
      status = (await write(++turn)).status;
      slowestMs = Math.max(slowestMs, performance.now() - since);
    },
    limitMs,
  );
  expect(stop).toBeLessThan(limitMs);
  expect(slowestMs).toBeLessThan((MAX_WRITE_MS * limitMs) / LIMIT_MS);
  return status;
}

describe('Writes of resources by an administrator of them alone', () => {
  it(
    'cost no compiled policies per client: 400 clients, each with a policy, share 4,800 denies (fault B6)',
    async () => {
      const names = many(CLIENTS, (n) => `c-${n}`);
      await registerAll(
        names.map((id, n) => [`AccessPolicy/own-${id}`, linked([id], allow('other', `${n}`, 'read'))]),
      );
      const denies = many(4800, (n) => deny('small', `${n}`, 'read'));
      await register(server, 'AccessPolicy', 'denies', linked(names, ...denies));
      const move = (turn: number) => manager.patch('/Resource/small', { audience: `urn:small-${turn}` });
      expect(await expectShort(move)).toBe(200);
      // A policy of each client's own on the resource itself.
      await registerAll(
        names.map((id, n) => [`AccessPolicy/own-${id}`, linked([id], allow('small', `a-${n}`, 'read'))]),
      );
      expect(await expectShort(move)).toBe(200);
    },
    TIMEOUT_MS,
  );

  it(
    'do not try each operation for each client: 9,498 renamed operations, 240 policies (fault B6)',
    async () => {
      await registerAll(
        many(POLICIES, (n) => [
          `AccessPolicy/wide-${n}`,
          linked(
            [`c-${n}`],
            ...many(20, (k) =>
              k % 7 === 0
                ? deny('wide', `${k + n}`, `kept-${k}`)
                : allow('wide', k % 2 ? '*' : `${k + n}`, `kept-${k}`),
            ),
            allow('wide', `${n}`, '*'),
          ),
        ]),
      );
      const rename = (turn: number) =>
        manager.patch('/Resource/wide', { operations: operations(turn % 2 ? 'q' : 'p') });
      expect(await expectShort(rename)).toBe(200);
    },
    TIMEOUT_MS,
  );
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allow, linkTo } from '../admin/callers.js';
import { type Admin, admin } from '../support/admin.js';
import { LoopProbe, medianStop } from '../support/event-loop.js';
import { type Answer, get } from '../support/http.js';
import { registerLibrary } from '../support/library.js';
import { aClient, aResource, register } from '../support/registration.js';
import { startServer, type TestServer } from '../support/server.js';

const LIMIT_MS = 50;
const TIMEOUT_MS = 600_000;
const OPERATIONS = 10_000;
const POLICIES = 13;
const RULES_OF_POLICY = 500;

const probe = new LoopProbe();
let server: TestServer;
let root: Admin;
let manager: Admin;
let limitMs = LIMIT_MS;

const many = <T>(length: number, item: (n: number) => T): T[] => Array.from({ length }, (_, n) => item(n));
const deny = (resource: string, identifier: string, operations: string[]) => ({
  effect: 'deny',
  resource,
  identifier,
  operations,
});

beforeAll(async () => {
  server = await startServer({ env: probe.env });
  await registerLibrary(server);
  root = admin(server);
  await aResource(
    server,
    'wide',
    many(OPERATIONS, (n) => `op-${n}`),
  );
  await aClient(server, 'worst').register();
  const limited = await aClient(server)
    .with({ grant_types: ['basic'] })
    .withGrant('AccessPolicy:*:create')
    .register();
  manager = admin(server, limited.basic);
  for (let policy = 0; policy < POLICIES; policy++)
    await register(server, 'AccessPolicy', `many-${policy}`, {
      engine: 'rules',
      link: linkTo('worst'),
      rules: many(RULES_OF_POLICY, (n) => allow('wide', n % 5 === 0 ? '*' : `i-${policy}-${n}`, `op-${n}`)),
    });
  const live = () => get(`${server.url}/health/live`);
  limitMs = Math.max(LIMIT_MS, 3 * (await medianStop(probe, live, 0)));
}, TIMEOUT_MS);

afterAll(() => server?.stop());

interface Body {
  rules: object[];
}

const operations = (n = OPERATIONS) => many(n, (at) => `op-${at}`);
const everyone = (rules: object[]) => ({ engine: 'rules', everyone: true, rules });
const linked = (rules: object[]) => ({ engine: 'rules', link: linkTo('worst'), rules });

const versions = (version: (name: string) => Body): [Body, Body] => [version('d'), version('e')];

/** Two versions of each, so that every write changes something. */
const WRITES: [what: string, ...versions: [Body, Body]][] = [
  [
    '10,000 operations denied to everyone',
    ...versions((name) => everyone([deny('wide', name, operations())])),
  ],
  ['10,000 operations denied to a client', ...versions((name) => linked([deny('wide', name, operations())]))],
  [
    '5,000 rules that deny an operation each',
    ...versions((name) => everyone(many(5000, (n) => deny('wide', `${name}-${n}`, [`op-${n}`])))),
  ],
  [
    '200 rules that deny 100 operations each',
    ...versions((name) => everyone(many(200, (n) => deny('wide', `${name}-${n}`, operations(100))))),
  ],
  [
    '5,000 rules that allow an operation each',
    ...versions((name) => linked(many(5000, (n) => allow('wide', `${name}-${n}`, `op-${n}`)))),
  ],
];

describe('Writes of policies that are accepted, on 10,000 operations and 6,500 rules', () => {
  it.each(WRITES)(
    'block the event loop for less than 50 ms: %s (fault B6)',
    async (_, body, other) => {
      const bodies = [body, other].map((one) => JSON.stringify(one));
      const rules = [body, other].map((one) => JSON.stringify({ rules: one.rules }));
      const path = '/AccessPolicy/worst';
      let turn = 0;
      const requests: [string, () => Promise<Answer>, status?: number][] = [
        ['PUT by a caller that lacks permissions', () => manager.put('/AccessPolicy/other', bodies[0]), 403],
        ['PUT', () => root.put(path, bodies[++turn % 2])],
        ['PATCH', () => root.patch(path, rules[++turn % 2])],
        ['PUT of the same', () => root.put(path, bodies[turn % 2])],
        ['GET in YAML', () => root.get(path, { accept: 'text/yaml' })],
        ['PUT and DELETE', () => root.put(path, bodies[0]).then(() => root.delete(path))],
      ];
      for (const [what, send, expected = 0] of requests) {
        let status = 0;
        const stop = await medianStop(
          probe,
          async () => {
            status = (await send()).status;
          },
          limitMs,
        );
        if (expected > 0) expect(status, what).toBe(expected);
        else expect(status, what).toBeLessThan(300);
        expect(stop, what).toBeLessThan(limitMs);
      }
    },
    TIMEOUT_MS,
  );
});

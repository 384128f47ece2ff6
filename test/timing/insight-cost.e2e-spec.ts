import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { insertLinkedClients } from '../admin/bulk.js';
import { allow, linkTo } from '../admin/callers.js';
import { type Admin, admin } from '../support/admin.js';
import { AUTH0 } from '../support/dialects.js';
import { LoopProbe, medianStop } from '../support/event-loop.js';
import { type Answer, get } from '../support/http.js';
import { LIBRARY, registerLibrary } from '../support/library.js';
import { aClient, register } from '../support/registration.js';
import { startServer, type TestServer } from '../support/server.js';
import { bulkName, copySessions, insertScopeUses } from './copied-sessions.js';

const LIMIT_MS = 50;
const TIMEOUT_MS = 120_000;
/** Up to 100 clients are read one by one, more among all sessions. */
const FEW = 80;
const MORE = 320;
/** Of each of the few clients, less than a page; the others have requests that are all different. */
const SESSIONS = 150;
const OTHER_SESSIONS = 4000;
/** Of the busy client. */
const MANY_SESSIONS = 40_000;
const BUSY = 1000;
/** Clients whose uses are recorded. */
const USING = 50;

const probe = new LoopProbe();
let server: TestServer;
let root: Admin;
let limitMs = LIMIT_MS;

const many = <T>(length: number, item: (n: number) => T): T[] => Array.from({ length }, (_, n) => item(n));
const rules = many(200, (n) => allow('book', `${n}`, 'read', 'write'));
const policyOf = (first: number, count: number, all: object[]) => ({
  engine: 'rules',
  link: linkTo(...many(count, (n) => bulkName(first + n))),
  rules: all,
});

beforeAll(async () => {
  server = await startServer({ env: probe.env });
  root = admin(server);
  await registerLibrary(server);
  const asking = await aClient(server, 'asking').withGrant('book:*:read').register();
  await asking.token(AUTH0, { audience: LIBRARY });
  await insertLinkedClients(server, 'asking');
  await register(server, 'AccessPolicy', 'few', policyOf(0, FEW, rules));
  await register(server, 'AccessPolicy', 'more', policyOf(FEW, MORE, rules));
  const few = { count: FEW * SESSIONS, client: `n % ${FEW}`, items: 7, hoursAgo: 2 };
  const more = { count: OTHER_SESSIONS, client: `${FEW} + n % ${MORE}`, items: OTHER_SESSIONS, hoursAgo: 3 };
  const busy = { count: MANY_SESSIONS, client: `${BUSY}`, items: 7, hoursAgo: 30 };
  for (const copies of [few, more, busy]) await copySessions(server, copies);
  await insertScopeUses(server, USING, 500);
  const live = () => get(`${server.url}/health/live`);
  limitMs = Math.max(LIMIT_MS, 3 * (await medianStop(probe, live, 0)));
}, TIMEOUT_MS);

afterAll(() => server?.stop());

const difference = (id: string, first: number, count: number) => () =>
  root.post('/AccessPolicy/$difference', {
    ...{ resourceType: 'AccessPolicy', id },
    ...policyOf(first, count, rules.slice(100)),
  });

const client = (n: number, operation: string) => `/Client/${bulkName(n)}/${operation}`;

type Question = [
  what: string,
  ask: (turn: number) => Promise<Answer>,
  shown: (body: any) => unknown,
  of: unknown,
];

const QUESTIONS: Question[] = [
  [
    'the difference for 80 clients, by replay',
    difference('few', 0, FEW),
    ({ lost, replay }) => [lost, replay.requests],
    [FEW * 100, FEW * SESSIONS],
  ],
  [
    'the difference for 320 clients, by replay',
    difference('more', FEW, MORE),
    ({ lost, replay }) => [lost, replay.requests],
    [MORE * 100, OTHER_SESSIONS],
  ],
  [
    'the usage of 50 clients',
    () => root.get(`/Client/$usage?_count=${USING}`),
    ({ entry }) => entry.length,
    USING,
  ],
  [
    'the unused scopes of 50 clients',
    () => root.get(`/Client/$unused-scopes?_count=${USING}`),
    ({ entry }) => entry.length,
    USING,
  ],
  ['the usage of a client', () => root.get(client(1, '$usage?days=90')), ({ id }) => id, bulkName(1)],
  [
    'the blast radius of a client with 40,000 sessions',
    () => root.get(client(BUSY, '$blast-radius')),
    ({ tokens }) => tokens.jwts_end,
    expect.any(String),
  ],
  ['a rotation', () => root.get(client(BUSY, '$rotation')), ({ id }) => id, bulkName(BUSY)],
  // The first turn closes them; all turns count what is left.
  [
    'the containment of that client',
    () => root.post(client(BUSY, '$contain'), {}),
    ({ active }) => active,
    false,
  ],
  ['the overview', () => root.get('/$overview'), ({ clients }) => clients.total, 1502],
];

describe('The event loop of a server with many sessions', () => {
  it.each(QUESTIONS)(
    'is stopped for less than 50 ms by %s',
    async (_, ask, shown, of) => {
      let turn = 0;
      let answer: Answer | undefined;
      const work = async () => {
        answer = await ask(++turn);
      };
      const stop = await medianStop(probe, work, limitMs);
      expect(answer?.status, answer?.text).toBe(200);
      expect(shown(answer?.body)).toEqual(of);
      expect(stop).toBeLessThan(limitMs);
    },
    TIMEOUT_MS,
  );
});

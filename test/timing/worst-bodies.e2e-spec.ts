import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { linkTo } from '../admin/callers.js';
import { admin } from '../support/admin.js';
import { LoopProbe, medianStop } from '../support/event-loop.js';
import { get } from '../support/http.js';
import { registerLibrary } from '../support/library.js';
import { aClient } from '../support/registration.js';
import { startServer, type TestServer } from '../support/server.js';

const LIMIT_MS = 50;
const TIMEOUT_MS = 300_000;

const probe = new LoopProbe();
let server: TestServer;
let limitMs = LIMIT_MS;

beforeAll(async () => {
  server = await startServer({ env: probe.env });
  await registerLibrary(server);
  await aClient(server, 'worst').register();
  const live = () => get(`${server.url}/health/live`);
  limitMs = Math.max(LIMIT_MS, 3 * (await medianStop(probe, live, 0)));
}, TIMEOUT_MS);

afterAll(() => server?.stop());

const many = <T>(length: number, item: (n: number) => T): T[] => Array.from({ length }, (_, n) => item(n));
const question = { client: 'worst', scope: 'book:1:read' };
const policy = (rules: unknown[]) => ({ engine: 'rules', link: linkTo('worst'), rules });
const rule = (operations: unknown) => ({ effect: 'allow', resource: 'book', identifier: '*', operations });

/** Bodies at the limit of their bytes or of their values, each wrong in its own way. */
const WRONG: [what: string, path: string, body: object][] = [
  ['a list of audiences', '/AccessPolicy/$explain', { ...question, audience: many(90_000, () => 'a') }],
  ['a list as the client', '/AccessPolicy/$explain', { ...question, client: many(90_000, () => ({})) }],
  [
    'lists as drafts',
    '/AccessPolicy/$explain',
    { ...question, policies: many(100, () => many(900, () => ({}))) },
  ],
  ['empty rules', '/AccessPolicy', policy(many(10_000, () => ({})))],
  ['rules that are none', '/AccessPolicy', policy(many(10_000, () => null))],
  ['wrong operations', '/AccessPolicy', policy(many(9, () => rule(many(9990, () => 1))))],
  ['unknown operations', '/AccessPolicy', policy(many(9, () => rule(many(9990, () => 'x'))))],
  ['too many operations', '/AccessPolicy', policy([rule(many(90_000, () => 'r'))])],
  [
    'unknown members of rules',
    '/AccessPolicy',
    policy(many(5000, () => ({ a: 1, b: 1, c: 1, d: 1, e: 1, f: 1 }))),
  ],
  ['empty references', '/AccessPolicy', { engine: 'allow', link: many(10_000, () => ({})) }],
  ['empty operations', '/Resource', { operations: many(10_000, () => ({})) }],
  ['a list as the grant', '/Client', { auth: { client_credentials: many(90_000, () => ({})) } }],
  ['a list of lists', '/Client', { auth: many(45_000, () => [1]) }],
  ['too many audiences', '/Client', { auth: { client_credentials: { audience: many(90_000, () => 'x') } } }],
  ['an unknown list', '/Client', { anything: many(90_000, () => ({})) }],
  ['unknown members', '/Client', Object.fromEntries(many(1000, (n) => [`k${n}`, 1]))],
  [
    'keys that are none',
    '/Client',
    { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: many(60_000, () => ({})) } },
  ],
  ['control characters', '/Client', { anything: many(50_000, () => '\u0001') }],
];

describe('Bodies of writes', () => {
  it.each(WRONG)(
    'block the event loop for less than 50 ms with %s, and are rejected (fault B6)',
    async (_, path, body) => {
      const text = JSON.stringify(body);
      expect(text.length).toBeLessThan(512 * 1024);
      let status = 0;
      const send = async () => {
        status = (await admin(server).post(path, text)).status;
      };
      expect(await medianStop(probe, send, limitMs)).toBeLessThan(limitMs);
      expect(status).toBe(422);
    },
    TIMEOUT_MS,
  );
});

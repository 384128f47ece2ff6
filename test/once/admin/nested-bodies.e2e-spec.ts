import { afterEach, describe, expect, it } from 'vitest';
import { idsOf } from '../../admin/answers.js';
import { admin } from '../../support/admin.js';
import { NATIVE } from '../../support/dialects.js';
import { bearer, get, request } from '../../support/http.js';
import { aClient, type TestClient } from '../../support/registration.js';
import { startServer, type TestServer } from '../../support/server.js';

const BYTES = 12 * 1024;
const filled = (unit: string, start = '') => (start + unit.repeat(BYTES)).slice(0, BYTES);
const closed = (open: string, close: string) => {
  const depth = Math.floor(BYTES / (open.length + close.length));
  return open.repeat(depth) + close.repeat(depth);
};
const indented = (line: string) =>
  Array.from({ length: 150 }, (_, depth) => `${' '.repeat(depth)}${line}\n`).join('');

const NESTED: [string, string, string][] = [
  ['flow lists', 'text/yaml', filled('[')],
  ['flow lists that close', 'text/yaml', closed('[', ']')],
  ['flow maps', 'text/yaml', filled('{a:')],
  ['flow maps with quoted keys', 'text/yaml', filled('{"a":')],
  ['flow maps and lists by turns', 'text/yaml', filled('[{? ')],
  ['block lists', 'text/yaml', filled('- ')],
  ['block keys', 'text/yaml', filled('? ')],
  ['block keys and lists', 'text/yaml', filled('? - ')],
  ['block values', 'text/yaml', filled(': ')],
  ['indented maps', 'text/yaml', indented('a:')],
  ['indented lists', 'text/yaml', indented('-')],
  ['anchors', 'text/yaml', filled('&a [')],
  ['tags', 'text/yaml', filled('!!seq [')],
  ['lists in JSON', 'application/json', filled('[')],
  ['lists in JSON that close', 'application/json', closed('[', ']')],
  ['objects in JSON', 'application/json', filled('{"a":')],
  ['objects in JSON that close', 'application/json', `${closed('{"a":', '}')}`],
];

let server: TestServer | undefined;

afterEach(async () => {
  await server?.stop();
  server = undefined;
});

/** A server that has parsed nothing yet, and a client without any right that has a session to close. */
async function fresh(): Promise<{ server: TestServer; client: TestClient; token: string; session: string }> {
  server = await startServer();
  const client = await aClient(server)
    .with({ grant_types: ['basic', 'client_credentials'] })
    .register();
  const token = await client.token(NATIVE);
  const [session = ''] = idsOf(await admin(server).get(`/Session?client=${client.id}`));
  return { server, client, token, session };
}

const ROUTES = [
  ['PATCH', (session: string) => `/Session/${session}`],
  ['POST', () => '/Client'],
  ['PUT', () => '/AccessPolicy/x'],
  ['PATCH', () => '/Client/root'],
  ['POST', () => '/AccessPolicy/$explain'],
  ['POST', () => '/SigningKey/$rotate'],
  ['POST', () => '/Client/root/$rotate-secret'],
  ['POST', () => '/auth/token'],
] as const;

/** Starts of servers take long where many tests run at once. */
const TIMEOUT_MS = 120_000;

describe('Deeply nested bodies', () => {
  it(
    'survives three nested YAML bodies of 12 KB from a client without permissions (fault B1)',
    async () => {
      const { server, token, session } = await fresh();
      for (const unit of ['[', '{a:', '? ']) {
        const answer = await request(`${server.url}/Session/${session}`, {
          method: 'PATCH',
          headers: { ...bearer(token), 'content-type': 'text/yaml' },
          body: filled(unit),
        });
        expect(answer.status, answer.text).toBe(415);
      }
      expect((await get(`${server.url}/health/ready`)).status).toBe(200);
    },
    TIMEOUT_MS,
  );

  it(
    'answers 4xx to a nested body on every route, with the reason for an administrator (fault B1)',
    async () => {
      const { server, client, session } = await fresh();
      for (const [what, type, body] of NESTED) {
        const answer = await admin(server).post('/Client', body, { 'content-type': type });
        expect(answer.status, what).toBe(400);
        expect(answer.body.detail, what).toMatch(/nested deeper|nesting|not valid or supported YAML, line/);
      }
      for (const [method, path] of ROUTES) {
        const answers = NESTED.map(async ([what, type, body]) => {
          const headers = { ...client.basic, 'content-type': type };
          const answer = await request(server.url + path(session), { method, headers, body });
          expect(answer.status, `${method} ${path(session)} ${what}`).toBeGreaterThanOrEqual(400);
          expect(answer.status, `${method} ${path(session)} ${what}: ${answer.text}`).toBeLessThan(500);
        });
        await Promise.all(answers);
      }
      expect((await get(`${server.url}/health/ready`)).status).toBe(200);
    },
    TIMEOUT_MS,
  );
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Admin, admin } from '../support/admin.js';
import { compile, operationAt, resolve } from '../support/openapi.js';
import { aClient, aResource, register } from '../support/registration.js';
import { startServer, type TestServer } from '../support/server.js';
import {
  CLIENTS,
  FLAGS,
  IDS,
  ISSUERS,
  link,
  members,
  NUMBERS,
  POLICIES,
  RESOURCES,
  RULES,
} from '../support/written-bodies.js';

let server: TestServer;
let root: Admin;

beforeAll(async () => {
  server = await startServer();
  root = admin(server);
  await aResource(server, 'book', ['read'], { audience: 'urn:x' });
  await aClient(server, 'reader').register();
  await register(server, 'TrustedIssuer', 'of-the-rules', { issuer: 'https://rules.example' });
});

afterAll(() => server?.stop());

const QUESTIONS = [
  ...[
    'reader',
    'Client/reader',
    { reference: 'Client/reader' },
    { resourceType: 'Client', id: 'reader' },
  ].map((client) => ({ client, scope: 'a' })),
  ...[7, null, {}, ''].map((client) => ({ client, scope: 'a' })),
  ...['', ' ', 'a b', 'a"b', 'ä', 7, undefined].map((scope) => ({ client: 'reader', scope })),
  ...['urn:x', ['urn:x'], [], '', 7, ['a b'], ['a"b']].map((audience) => ({
    client: 'reader',
    scope: 'a',
    audience,
  })),
  ...[[], [{ engine: 'allow', link }], [{}], {}, ['x']].map((policies) => ({
    client: 'reader',
    scope: 'a',
    policies,
  })),
  { client: 'reader', scope: 'a', x: 1 },
];

/** No client, and items that a policy could grant: what none could is refused whatever its form. */
const WHO_CAN = QUESTIONS.map(({ client, scope, ...rest }: Record<string, unknown>) => ({
  ...rest,
  scope: typeof scope === 'string' ? scope.replace(/\b[ab]\b/g, 'book') : scope,
}));

const ROTATIONS = [{}, ...members('overlap', NUMBERS), ...members('close_sessions', FLAGS), { x: 1 }];

const KEY_ROTATIONS = [
  {},
  { immediately: false, compromised: 'x' },
  { immediately: 'true' },
  ...['', 'x'.repeat(64), 'x'.repeat(65), 7].map((compromised) => ({ compromised })),
  { x: 1 },
];

const WRITTEN: [method: 'PUT' | 'POST', path: string, bodies: readonly unknown[]][] = [
  ['PUT', '/Client/{id}', [...CLIENTS, ...IDS.map((id) => ({ id }))]],
  ['PUT', '/Client/{id}', RULES],
  ['PUT', '/Resource/{id}', RESOURCES],
  ['PUT', '/TrustedIssuer/{id}', ISSUERS],
  ['PUT', '/AccessPolicy/{id}', POLICIES],
  ['POST', '/AccessPolicy/$explain', QUESTIONS],
  ['POST', '/AccessPolicy/$who-can', WHO_CAN],
  ['POST', '/Client/{id}/$rotate-secret', ROTATIONS],
  ['POST', '/SigningKey/$rotate', KEY_ROTATIONS],
];

/** A body that names another id than the address is refused whatever its form: there it takes the address of its own. */
const addressOf = (path: string, { id }: Record<string, unknown>) =>
  path.replace('{id}', path.includes('$') ? 'reader' : encodeURIComponent(String(id || 'bounds')));

describe('The OpenAPI document accepts what the server accepts', () => {
  it.each(WRITTEN)('at %s %s', async (method, path, bodies) => {
    const { content } = resolve(operationAt(method, path).node.requestBody);
    const takes = compile(content['application/json'].schema);
    const differing: string[] = [];
    for (const body of bodies) {
      const asWritten = JSON.parse(JSON.stringify(body));
      const address = addressOf(path, asWritten);
      const { status, text } = await (method === 'PUT' ? root.put(address, body) : root.post(address, body));
      if (takes(asWritten) !== (status !== 422)) {
        differing.push(`${JSON.stringify(body).slice(0, 120)} ${status} ${text.slice(0, 200)}`);
      }
    }
    expect(differing).toEqual([]);
  });
});

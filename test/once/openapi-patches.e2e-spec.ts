import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Admin, admin } from '../support/admin.js';
import { compile, operationAt, resolve } from '../support/openapi.js';
import { aClient, aResource, register } from '../support/registration.js';
import { startServer, type TestServer } from '../support/server.js';
import {
  CLIENTS,
  ISSUERS,
  POLICIES,
  RESOURCES,
  RULES,
  rule,
  ruled,
  trust,
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

/** Objects of which a patch may change a part, with `null` for what goes. */
const MERGED = {
  Client: [
    { labels: { a: null } },
    { claims: { tenant: null } },
    { token_quota: { per_day: null } },
    { token_quota: { enforce: null, per_hour: 7 } },
    { auth: { client_credentials: null } },
    { auth: { client_credentials: { audience: null, profile: null, token_format: null } } },
  ],
  Resource: [{ token: { signing_alg: null } }, { claims: { tenant: null } }],
};

/** A third of them: each type of member is among them, and writing a client takes time. */
const someOf = (bodies: readonly object[]) => bodies.filter((_, index) => index % 3 === 0);

const PATCHED: [type: string, body: Record<string, unknown>, patches: readonly object[]][] = [
  [
    'Client',
    { labels: { a: 'b' }, token_quota: { per_hour: 1 } },
    [...MERGED.Client, ...someOf([...CLIENTS, ...RULES])],
  ],
  ['Resource', {}, [...MERGED.Resource, ...RESOURCES]],
  ['TrustedIssuer', trust({}), someOf(ISSUERS)],
  ['AccessPolicy', ruled(rule), POLICIES],
];

/** Members that may be sent back as they were shown, whatever that is. */
const READ_ONLY = ['secrets', 'last_uses', 'except'];

describe('The OpenAPI document accepts what the server accepts as a patch', () => {
  it.each(PATCHED)('at /%s/{id}, and null for each member that it removes', async (type, body, patches) => {
    const { content } = resolve(operationAt('PATCH', `/${type}/{id}`).node.requestBody);
    const { schema } = content['application/merge-patch+json'];
    const takes = compile(schema);
    await register(server, type, 'patched', body);
    const names = Object.keys(resolve(schema).properties);
    const differing: string[] = [];
    for (const patch of [...names.map((name) => ({ [name]: null })), ...patches]) {
      const asWritten = JSON.parse(JSON.stringify(patch));
      const { status } = await root.patch(`/${type}/patched`, patch);
      if (status === 200 && !takes(asWritten)) differing.push(JSON.stringify(patch).slice(0, 120));
    }
    expect(differing).toEqual([]);
  });

  it.each(PATCHED)('at /%s/{id}, and no wrong type of a member', async (type, body) => {
    const { content } = resolve(operationAt('PATCH', `/${type}/{id}`).node.requestBody);
    const { schema } = content['application/merge-patch+json'];
    const takes = compile(schema);
    await register(server, type, 'patched', body);
    for (const name of Object.keys(resolve(schema).properties)) {
      // In no member a list of numbers.
      const wrong = { [name]: [7] };
      expect((await root.patch(`/${type}/patched`, wrong)).status, name).toBe(422);
      if (!READ_ONLY.includes(name)) expect(takes(wrong), name).toBe(false);
    }
  });
});

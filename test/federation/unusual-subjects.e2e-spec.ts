import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { admin } from '../support/admin.js';
import { INVALID_CLIENT } from '../support/assertions.js';
import { NATIVE } from '../support/dialects.js';
import { basic, form } from '../support/http.js';
import { useLibrary } from '../support/library.js';
import { aFederatedClient, Platform, present } from '../support/platforms.js';
import { aClient, type TestClient } from '../support/registration.js';

const library = useLibrary({ env: { LATCHKEY_PRIVATE_JWKS_URI: 'allow' } });
let platform: Platform;
let template: TestClient;

beforeAll(async () => {
  platform = await Platform.start({ alg: 'ES256' });
  template = await aClient(library.server, 'template')
    .with({ token_quota: { per_hour: 3 } })
    .withGrant('book:*:read')
    .register();
  const admits = [{ subject: 'agent/**', template: template.id }];
  await platform.trust(library.server, 'platform', { admits, replay: 'reuse' });
});

afterAll(() => platform.stop());

/** Each differs from another by something that a database, a parser or a pattern may overlook. */
const SUBJECTS: [string, string][] = [
  ['letters beyond ASCII', 'agent/Zoë'],
  ['the same letters decomposed', 'agent/Zoe\u0308'],
  ['another case', 'agent/ZOË'],
  ['characters beyond the basic plane', 'agent/🤖/🧑🏽‍🚀'],
  ['a script that runs to the left', 'agent/סוכן'],
  ['a space at the end', 'agent/Zoë '],
  ['a space that is no space', 'agent/Zoë\u00A0'],
  ['a character of no width', 'agent/Zo\u200Bë'],
  ['SQL and JSON', `agent/'"\\%_;--{}[]`],
  ['a literal wildcard', 'agent/*'],
  ['a percent escape', 'agent/Zo%C3%AB'],
  ['as many characters as are stored', `agent/${'é'.repeat(1018)}`],
  ['as many characters of two units', `agent/${'🤖'.repeat(509)}`],
];

/** They are rejected like any other wrong one. */
const UNSTORABLE: [string, unknown][] = [
  ['one character more', `agent/${'é'.repeat(1019)}`],
  ['a line break', 'agent/a\nb'],
  ['a NUL', 'agent/a\u0000b'],
  ['half a character', 'agent/\uD83E'],
  ['nothing', ''],
  ['a number', 7],
  ['an object', { agent: 'a' }],
];

const workload = (assertion: string) =>
  form(library.server.url + NATIVE.token, {
    grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
    assertion,
    audience: 'urn:library',
    scope: 'book:1:read',
  });

const introspect = async (token: string) => {
  const { adminId, adminSecret, url } = library.server;
  return (await form(`${url}/auth/introspect`, { token }, basic(adminId, adminSecret))).body;
};

describe('A client with a rule for an unusual subject', () => {
  it('gets tokens by it, and no other client does', async () => {
    const { server } = library;
    const clients = new Map<string, string>();
    for (const [, subject] of SUBJECTS.filter(([what]) => what !== 'a literal wildcard'))
      clients.set(subject, (await aFederatedClient(server, [{ issuer: 'platform', subject }])).id);
    for (const [subject, id] of clients) {
      const { status, body } = await present(server, await platform.token(server, { sub: subject }));
      expect([subject, status]).toEqual([subject, 200]);
      expect(await introspect(body.access_token)).toMatchObject({
        client_id: id,
        federated: { iss: platform.issuer, sub: subject },
      });
    }
  });

  it.each(UNSTORABLE)('is not reached by %s', async (_what, sub) => {
    const { server } = library;
    await aFederatedClient(server, [{ issuer: 'platform', subject: 'agent/**', claims: { any: 1 } }]);
    const answer = await present(server, await platform.token(server, { sub, any: 1 }));
    expect([answer.status, answer.body]).toEqual([401, INVALID_CLIENT]);
  });
});

describe('A workload with an unusual subject', () => {
  it('is one of its own: no two share an id, a quota or a closing', async () => {
    const rest = admin(library.server);
    const tokens = new Map<string, string>();
    for (const [, sub] of SUBJECTS) {
      for (let again = 0; again < 3; again++) {
        const { status, body } = await workload(await platform.token(library.server, { sub }));
        expect([sub, status]).toEqual([sub, 200]);
        tokens.set(sub, body.access_token);
      }
      expect((await workload(await platform.token(library.server, { sub }))).status).toBe(429);
    }
    const ids = await Promise.all([...tokens.values()].map(async (token) => (await introspect(token)).sub));
    expect(new Set(ids).size).toBe(SUBJECTS.length);
    const listed = await rest.get(`/Session?workload=${ids[0]}`);
    expect(listed.body.entry).toHaveLength(3);
    expect((await rest.delete(`/Session?workload=${ids[0]}`)).status).toBe(204);
    const active = await Promise.all(
      [...tokens.values()].map(async (token) => (await introspect(token)).active),
    );
    expect(active).toEqual(SUBJECTS.map((_, position) => position > 0));
  });

  it.each(UNSTORABLE)('gets no token for %s', async (_what, sub) => {
    const { status, body } = await workload(await platform.token(library.server, { sub }));
    expect([status, body.error]).toEqual([400, 'invalid_grant']);
  });
});

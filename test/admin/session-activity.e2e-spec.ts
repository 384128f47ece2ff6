import { beforeAll, describe, expect, it } from 'vitest';
import { type Admin, admin } from '../support/admin.js';
import { AUTH0, AUTHING, type Dialect, NATIVE } from '../support/dialects.js';
import { form } from '../support/http.js';
import { ATLAS, LIBRARY, useLibrary } from '../support/library.js';
import { aClient, type TestClient } from '../support/registration.js';
import { idsOf } from './answers.js';

const library = useLibrary();
let root: Admin;

beforeAll(() => {
  root = admin(library.server);
});

const listing = (...audience: string[]) =>
  aClient(library.server).withTokens({ audience }).withGrant('book:*:*', 'map:*:*').register();

const list = async (client: TestClient, audience: string[] | null) => {
  const change = { auth: { client_credentials: { audience } } };
  expect((await root.patch(`/Client/${client.id}`, change)).status).toBe(200);
};

type Fields = Record<string, string | string[]>;

/** The session of a new token, and what introspection, document, list and search say of it. */
async function aSession(client: TestClient, dialect: Dialect, fields: Fields) {
  const token = await client.token(dialect, fields);
  const introspect = async () =>
    (await form(`${library.server.url}/auth/introspect`, { token }, client.basic)).body;
  const { jti: id } = await introspect();
  const sessions = `/Session?client=${client.id}`;
  return async () => {
    const { entry } = (await root.get(sessions)).body;
    return {
      introspected: (await introspect()).active,
      shown: (await root.get(`/Session/${id}`)).body.active,
      listed: entry.find(({ resource }: any) => resource.id === id).resource.active,
      found: idsOf(await root.get(`${sessions}&active=true`)).includes(id),
      missed: !idsOf(await root.get(`${sessions}&active=false`)).includes(id),
    };
  };
}

const all = (active: boolean) => ({
  introspected: active,
  shown: active,
  listed: active,
  found: active,
  missed: active,
});

describe('A session in the administration API', () => {
  it.each<[string, Dialect, Fields]>([
    ['one audience', NATIVE, { audience: LIBRARY, scope: 'book:1:read' }],
    ['one audience at auth0', AUTH0, { audience: LIBRARY }],
    ['several audiences', NATIVE, { resource: ['urn:spare', LIBRARY], scope: 'book:1:read' }],
    ['a derived audience', NATIVE, { scope: 'book:1:read' }],
  ])('follows the audience list of its client as introspection does: %s', async (_, dialect, fields) => {
    await root.put('/Resource/spare', { audience: 'urn:spare', operations: [{ name: 'read' }] });
    const client = await listing(LIBRARY, ATLAS, 'urn:spare');
    await root.put(`/AccessPolicy/spare-${client.id}`, {
      engine: 'allow',
      link: [{ resourceType: 'Client', id: client.id }],
    });
    const said = await aSession(client, dialect, fields);
    expect(await said()).toEqual(all(true));
    await list(client, [ATLAS]);
    expect(await said()).toEqual(all(false));
    await list(client, []);
    expect(await said()).toEqual(all(false));
    await list(client, [ATLAS, LIBRARY]);
    expect(await said()).toEqual(all(true));
    await list(client, [LIBRARY.toUpperCase(), `${LIBRARY}:x`, `x${LIBRARY}`]);
    expect(await said()).toEqual(all(false));
    await list(client, null);
    expect(await said()).toEqual(all(true));
  });

  it('does not depend on the list where the audience is the id of the client', async () => {
    const client = await listing(LIBRARY);
    const said = await aSession(client, AUTHING, { scope: 'openid' });
    await list(client, []);
    expect(await said()).toEqual(all(true));
  });

  it('is inactive once no policy grants any of its items; the search knows no policies', async () => {
    const client = await aClient(library.server).withGrant('book:1:read').register();
    const said = await aSession(client, NATIVE, { audience: LIBRARY, scope: 'book:1:read' });
    expect(await said()).toEqual(all(true));
    const { entry } = (await root.get(`/AccessPolicy?client=${client.id}`)).body;
    for (const { resource } of entry) await root.delete(`/AccessPolicy/${resource.id}`);
    expect(await said()).toEqual({ ...all(false), found: true, missed: true });
  });
});

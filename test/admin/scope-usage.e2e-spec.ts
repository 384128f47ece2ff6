import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Admin, admin } from '../support/admin.js';
import { DAY_MS, TestClock } from '../support/clock.js';
import { NATIVE } from '../support/dialects.js';
import { bearer, form, get, json } from '../support/http.js';
import { ATLAS, LIBRARY, useLibrary } from '../support/library.js';
import { aClient, register, type TestClient } from '../support/registration.js';
import { expectProblem } from './answers.js';
import { allow, deny, linkTo } from './callers.js';

const clock = new TestClock();
const library = useLibrary({ env: clock.env });
let root: Admin;
let narrow: TestClient;
let mapper: TestClient;
let wide: TestClient;
let many: TestClient;
let reader: TestClient;
let started: string;

const verify = async (client: TestClient, query: string, fields: Record<string, string> = {}) => {
  const token = await client.token(NATIVE, { audience: LIBRARY, ...fields });
  return (await get(`${library.server.url}/auth/verify?${query}`, bearer(token))).status;
};

const introspect = async (client: TestClient, fields: Record<string, string>) => {
  const token = await client.token(NATIVE, { audience: LIBRARY, ...fields });
  return (await form(`${library.server.url}/auth/introspect`, { token }, client.basic)).body.active;
};

const scopesOf = async (id: string, query = '') => {
  const { status, text, body } = await root.get(`/Client/${id}/$usage${query}`);
  expect(status, text).toBe(200);
  return body.scopes;
};

const itemsOf = async (id: string) =>
  (await scopesOf(id)).used.map(({ item, verified, introspected, folded }: any) => ({
    item,
    verified,
    introspected,
    ...(folded ? { folded } : {}),
  }));

const byItem = (items: { item: string }[]) => items.toSorted((a, b) => (a.item < b.item ? -1 : 1));

beforeAll(async () => {
  const { server } = library;
  root = admin(server);
  narrow = await aClient(server, 'narrow')
    .with({ name: 'Narrow' })
    .withGrant('book:*:*', 'page:*:*', '!book:9:*')
    .register();
  await aClient(server, 'everything').withEverything().register();
  mapper = await aClient(server, 'mapper').withEverything().register();
  wide = await aClient(server, 'wide').withGrant('book:*:*', 'page:*:*', 'diary:*:*').register();
  many = await aClient(server, 'many').withGrant('book:*:read', 'page:*:turn').register();
  reader = await aClient(server, 'shared-1').register();
  await aClient(server, 'shared-2').register();
  await register(server, 'AccessPolicy', 'shared', {
    engine: 'rules',
    link: linkTo('shared-1', 'shared-2'),
    rules: [allow('book', '*', 'read', 'write')],
  });
  started = (await root.get('/Client/narrow')).body.meta.createdAt;
  await verify(narrow, 'scope=book:7:read', { scope: 'book:7:read' });
});
afterAll(() => clock.remove());

describe('The scopes in the usage of a client', () => {
  it('call nothing unused before the client was watched for the whole time', async () => {
    expect(await scopesOf('narrow', '?days=7')).toEqual({
      days: 7,
      watched_since: started,
      granted: ['book:*:read', 'book:*:write', 'page:*:read', 'page:*:turn'],
      used: [expect.objectContaining({ item: 'book:7:read', granted: true, verified: 1, introspected: 0 })],
      conclusive_from: new Date(Date.parse(started) + 7 * DAY_MS).toISOString(),
    });
  });

  it('count each item as verification, introspection and AuthZEN saw it, across a restart', async () => {
    await clock.set(31 * DAY_MS);
    expect(await verify(narrow, 'scope=book:7:read', { scope: 'book:7:read' })).toBe(200);
    expect(await verify(narrow, 'scope=book:9:read')).toBe(403);
    expect(await verify(narrow, 'scope=book:7:write', { scope: 'book:7:read' })).toBe(403);
    expect(await introspect(narrow, { scope: 'book:7:read turn' })).toBe(true);
    expect(await introspect(narrow, { scope: 'book:7:read turn' })).toBe(true);
    const evaluation = (operation: string) =>
      json(
        `${library.server.url}/access/v1/evaluation`,
        {
          subject: { type: 'client', id: 'narrow' },
          action: { name: operation },
          resource: { type: 'book', id: '8' },
        },
        { authorization: `Basic ${btoa(`${library.server.adminId}:${library.server.adminSecret}`)}` },
      );
    expect((await evaluation('read')).body.decision).toBe(true);
    expect((await evaluation('burn')).body.decision).toBe(false);
    const seen = [
      { item: 'book:7:read', verified: 2, introspected: 2 },
      { item: 'book:8:read', verified: 1, introspected: 0 },
      { item: 'page:*:turn', verified: 0, introspected: 2 },
    ];
    expect(byItem(await itemsOf('narrow'))).toEqual(seen);
    await library.server.restart();
    root = admin(library.server);
    expect(byItem(await itemsOf('narrow'))).toEqual(seen);
    expect(await verify(narrow, 'scope=book:7:read', { scope: 'book:7:read' })).toBe(200);
    expect(byItem(await itemsOf('narrow'))[0]).toEqual({ item: 'book:7:read', verified: 3, introspected: 2 });
  });

  it('name what was not used, and a patch that leaves exactly what was', async () => {
    const { unused, suggestion, conclusive_from } = await scopesOf('narrow');
    expect({ unused, suggestion, conclusive_from }).toEqual({
      unused: ['book:*:write', 'page:*:read'],
      suggestion: [
        {
          policy: 'narrow',
          version: '1',
          patch: {
            rules: [
              allow('book', '7', 'read'),
              allow('book', '8', 'read'),
              allow('page', '*', 'turn'),
              deny('book', '9', '*'),
            ],
          },
        },
      ],
    });
    const { patch, version } = suggestion[0];
    const answer = await root.patch('/AccessPolicy/narrow', patch, { 'if-match': `"${version}"` });
    expect(answer.status, answer.text).toBe(200);
    const { body } = await root.post('/AccessPolicy/$explain', {
      client: 'narrow',
      scope: 'book:7:read book:8:read page:*:turn book:1:read book:7:write page:*:read',
    });
    expect(body.items.map(({ granted }: any) => granted)).toEqual([true, true, true, false, false, false]);
    expect(await scopesOf('narrow')).toMatchObject({ unused: [], suggestion: [] });
  });

  it('turn the engine allow into rules', async () => {
    expect(await verify(mapper, 'scope=map:*:zoom', { audience: ATLAS, scope: 'map:*:zoom' })).toBe(200);
    expect((await scopesOf('mapper')).suggestion).toEqual([
      {
        policy: 'mapper',
        version: '1',
        patch: { engine: 'rules', rules: [allow('map', '*', 'zoom')] },
      },
    ]);
    expect(await scopesOf('everything')).toMatchObject({ used: [], suggestion: [] });
  });

  it('explain in words what concerns other clients as well, or too young a grant', async () => {
    await verify(reader, 'scope=book:1:read');
    await register(library.server, 'AccessPolicy', 'open', {
      engine: 'rules',
      everyone: true,
      rules: [allow('diary', '*', 'read')],
    });
    await register(library.server, 'AccessPolicy', 'young', {
      engine: 'rules',
      link: linkTo('shared-1'),
      rules: [allow('page', '*', 'turn')],
    });
    const { unused, suggestion } = await scopesOf('shared-1');
    await root.delete('/AccessPolicy/open');
    expect(unused).toEqual(['book:*:write']);
    expect(suggestion).toEqual([
      { policy: 'shared', note: expect.stringContaining('linked to another client as well') },
      { policy: 'young', note: expect.stringMatching(/^was changed at /) },
      { policy: 'open', note: expect.stringContaining('applies to every client') },
    ]);
  });

  it('count an audience, or a token without a scope, as anything on it', async () => {
    expect(await verify(wide, `audience=${LIBRARY}`)).toBe(200);
    expect(byItem(await itemsOf('wide'))).toEqual([
      { item: 'book:*:*', verified: 1, introspected: 0, folded: true },
      { item: 'page:*:*', verified: 1, introspected: 0, folded: true },
    ]);
    const bare = await wide.token(NATIVE);
    await form(`${library.server.url}/auth/introspect`, { token: bare }, wide.basic);
    expect(byItem(await itemsOf('wide'))[0]).toEqual({
      item: '*:*:*',
      verified: 0,
      introspected: 1,
      folded: true,
    });
    expect(await scopesOf('wide')).toMatchObject({ unused: [], suggestion: [] });
  });

  it('record many identifiers of an operation as one item', async () => {
    const items = Array.from({ length: 250 }, (_, n) => `scope=book:${n}:read`);
    expect(await verify(many, items.join('&'), { scope: 'book:*:read' })).toBe(200);
    await library.server.restart();
    root = admin(library.server);
    const { used, unused, suggestion } = await scopesOf('many');
    expect(used).toHaveLength(201);
    expect(used.find(({ folded }: any) => folded)).toMatchObject({ item: 'book:*:read', verified: 50 });
    expect(unused).toEqual(['page:*:turn']);
    expect(suggestion[0].patch.rules).toContainEqual(allow('book', '*', 'read'));
  });

  it('end with the client', async () => {
    await root.delete('/Client/many');
    expect((await root.put('/Client/many', { grant_types: ['client_credentials'] })).status).toBe(201);
    expect(await scopesOf('many')).toMatchObject({ granted: [], used: [] });
  });

  it('are shown only to callers that may read policies', async () => {
    const viewer = await aClient(library.server)
      .with({ grant_types: ['basic'] })
      .withGrant('Client:*:read')
      .register();
    const as = admin(library.server, viewer.basic);
    expect((await as.get('/Client/narrow/$usage')).body).not.toHaveProperty('scopes');
    expectProblem(await as.get('/Client/$unused-scopes'), 403);
  });
});

describe('GET /Client/$unused-scopes', () => {
  it('lists the unused grants of all clients in pages', async () => {
    const { body } = await root.get('/Client/$unused-scopes?_id=everything,narrow,many&_count=2&_sort=_id');
    expect(body.entry.map(({ resource }: any) => resource)).toEqual([
      {
        resourceType: 'Client',
        id: 'everything',
        days: 30,
        watched_since: expect.any(String),
        granted_total: 8,
        unused: [
          ...['book:*:read', 'book:*:write', 'diary:*:read', 'diary:*:write', 'map:*:geocode:location'],
          ...['map:*:zoom', 'page:*:read', 'page:*:turn'],
        ],
        unused_total: 8,
      },
      expect.objectContaining({ id: 'many', granted_total: 0, conclusive_from: expect.any(String) }),
    ]);
    const { url } = body.link.find(({ relation }: any) => relation === 'next');
    expect(url).toMatch(/^\/Client\/\$unused-scopes\?/);
    const next = (await root.get(`${url}&_elements=unused_total`)).body;
    expect(next.entry.map(({ resource }: any) => resource.id)).toEqual(['narrow']);
  });

  it.each(['0', '401', 'x'])('rejects %j days', async (days) => {
    expectProblem(await root.get(`/Client/$unused-scopes?days=${days}`), 400, ['days']);
  });
});

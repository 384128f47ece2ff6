import { beforeAll, describe, expect, it } from 'vitest';
import { type Admin, admin } from '../support/admin.js';
import { NATIVE } from '../support/dialects.js';
import { basic, form } from '../support/http.js';
import { useLibrary } from '../support/library.js';
import { aClient, register, TestClient } from '../support/registration.js';
import { expectProblem, idsOf } from './answers.js';
import { allow, linkTo } from './callers.js';

const library = useLibrary();
let root: Admin;

beforeAll(() => {
  root = admin(library.server);
});

describe('Ids are case-sensitive, on every engine', () => {
  it.each([
    ['Client', () => ({}), { name: 'x' }],
    ['Resource', (id: string) => ({ audience: `urn:case:${id}` }), { name: 'x' }],
    [
      'AccessPolicy',
      () => ({ engine: 'rules', link: linkTo('root'), rules: [allow('book', '1', 'read')] }),
      { rules: [allow('book', '2', 'read')] },
    ],
  ])('distinguishes ids of /%s by case', async (type, members, change) => {
    for (const id of ['case', 'Case', 'CASE'])
      expect((await root.put(`/${type}/${id}`, members(id))).status).toBe(201);
    await root.patch(`/${type}/Case`, change);
    const versions = async (id: string) => (await root.get(`/${type}/${id}`)).body.meta.versionId;
    expect([await versions('case'), await versions('Case'), await versions('CASE')]).toEqual(['1', '2', '1']);
    expect(idsOf(await root.get(`/${type}?_id=Case,CASE`))).toEqual(['CASE', 'Case']);
    expect((await root.delete(`/${type}/case`)).status).toBe(204);
    expect(idsOf(await root.get(`/${type}?_id=case,Case,CASE`))).toEqual(['CASE', 'Case']);
    expectProblem(await root.get(`/${type}/case`), 404);
  });

  it('links a policy to the client with exactly that case', async () => {
    const lower = await aClient(library.server, 'linked-case').withGrant('book:1:read').register();
    const upper = await aClient(library.server, 'Linked-Case').register();
    const asked = { scope: 'book:1:read', audience: 'urn:library' };
    expect((await lower.ask(NATIVE, asked)).status).toBe(200);
    expect((await upper.ask(NATIVE, asked)).status).toBe(400);
    expect(idsOf(await root.get('/AccessPolicy?client=Linked-Case'))).toEqual([]);
    const other = new TestClient(library.server, 'LINKED-CASE', lower.secret);
    expect((await other.ask(NATIVE)).status).toBe(401);
  });

  it('assigns sessions to the client with exactly that case', async () => {
    const [lower, upper] = [
      await aClient(library.server, 'session-case').register(),
      await aClient(library.server, 'SESSION-CASE').register(),
    ];
    await lower.token(NATIVE);
    const token = await upper.token(NATIVE);
    expect((await root.get('/Session?client=session-case')).body.total).toBe(1);
    await root.delete('/Session?client=session-case');
    const answer = await admin(library.server, { authorization: `Bearer ${token}` }).get('/Session');
    expect(answer.status).toBe(200);
    await root.delete('/Client/session-case');
    expect((await root.get('/Session?client=SESSION-CASE&active=true')).body.total).toBe(1);
  });
});

describe('Audiences are case-sensitive, on every engine', () => {
  it('distinguishes audiences by case in resources, searches and requests', async () => {
    await register(library.server, 'Resource', 'low', {
      audience: 'urn:sense',
      operations: [{ name: 'read' }],
    });
    await register(library.server, 'Resource', 'up', {
      audience: 'URN:SENSE',
      operations: [{ name: 'read' }],
    });
    expect(idsOf(await root.get('/Resource?audience=urn:sense'))).toEqual(['low']);
    expect(idsOf(await root.get('/Resource?audience=URN:SENSE'))).toEqual(['up']);
    expect(idsOf(await root.get('/Resource?audience=Urn:Sense'))).toEqual([]);
    const client = await aClient(library.server).withGrant('low:*:read').register();
    expect((await client.ask(NATIVE, { scope: 'low:1:read', audience: 'urn:sense' })).status).toBe(200);
    expect((await client.ask(NATIVE, { scope: 'low:1:read', audience: 'URN:SENSE' })).status).toBe(400);
  });
});

describe('Operations and identifiers are case-sensitive', () => {
  it('distinguishes operations and identifiers by case in rules and scopes', async () => {
    const client = await aClient(library.server).withGrant('book:Abc:read').register();
    const asked = (scope: string) => client.ask(NATIVE, { scope });
    expect((await asked('book:Abc:read')).status).toBe(200);
    for (const scope of ['book:abc:read', 'book:ABC:read', 'book:Abc:READ', 'Book:Abc:read']) {
      expect((await asked(scope)).status).toBe(400);
    }
  });
});

describe('Trailing spaces are significant, on every engine', () => {
  it.each([
    'root ',
    ' root',
    'root\t',
    'root\u00a0',
    'root\u200b',
    'root\n',
    'root\u0000',
    'ro\u00ad\u006ft',
  ])('treats %j as another id', async (id) => {
    const path = encodeURIComponent(id);
    expectProblem(await root.get(`/Client/${path}`), 404);
    expect(idsOf(await root.get(`/Client?_id=${path}`))).toEqual([]);
    expect(idsOf(await root.get(`/Session?client=${path}`))).toEqual([]);
    expectProblem(await root.post('/Client', { id }), 422, ['id']);
    expectProblem(await root.post('/AccessPolicy', { engine: 'allow', link: linkTo(id) }), 422, [
      'link[0].id',
    ]);
    expectProblem(await root.delete(`/Session?client=${path}`), 400, ['client']);
    const fields = { grant_type: 'client_credentials' };
    const url = `${library.server.url}/auth/token`;
    expect((await form(url, fields, basic(id, library.server.adminSecret))).status).toBe(401);
    const inBody = { ...fields, client_id: id, client_secret: library.server.adminSecret };
    expect([400, 401]).toContain((await form(url, inBody)).status);
  });

  it('keeps a trailing space of a name', async () => {
    await register(library.server, 'Client', 'bare', { name: 'end' });
    await register(library.server, 'Client', 'spaced', { name: 'end ' });
    expect(idsOf(await root.get('/Client?name=end'))).toEqual(['bare', 'spaced']);
    expect(idsOf(await root.get('/Client?name=end%20'))).toEqual(['spaced']);
  });

  it('keeps a trailing space in parameters with one value', async () => {
    expect(idsOf(await root.get('/AccessPolicy?engine=allow%20'))).toEqual([]);
    expect(idsOf(await root.get('/Resource?audience=urn:library%20'))).toEqual([]);
    expect(idsOf(await root.get('/Session?type=client_credentials%20'))).toEqual([]);
  });
});

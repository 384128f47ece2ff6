import { beforeAll, describe, expect, it } from 'vitest';
import { expectProblem, idsOf } from '../../admin/answers.js';
import { aCaller, allow, linkTo, withToken } from '../../admin/callers.js';
import { type Admin, admin } from '../../support/admin.js';
import { NATIVE } from '../../support/dialects.js';
import type { Answer } from '../../support/http.js';
import { useLibrary } from '../../support/library.js';
import { aClient, register, regrant } from '../../support/registration.js';

const library = useLibrary();
let root: Admin;

beforeAll(async () => {
  root = admin(library.server);
  for (const id of ['one', 'two']) {
    await register(library.server, 'Client', id, {});
    await register(library.server, 'Resource', id, {});
    await register(library.server, 'AccessPolicy', id, {
      engine: 'rules',
      link: linkTo('one'),
      rules: [allow('book', id, 'read')],
    });
  }
});

/** 403 insufficient_scope that names the permission which was missing. */
function expectLacking(answer: Answer, permission: string): void {
  expectProblem(answer, 403);
  const challenge = answer.headers.get('www-authenticate');
  expect(challenge).toContain('Bearer ');
  expect(challenge).toContain('error="insufficient_scope"');
  expect(challenge).toContain(`scope="${permission}"`);
}

describe('A permission on one object applies to that object only (A02, ASVS 8.2.2)', () => {
  it.each(['Client', 'Resource', 'AccessPolicy'])('permits reading that object only: /%s', async (type) => {
    const { rest } = await aCaller(library.server, `${type}:one:read`);
    expect((await rest.get(`/${type}/one`)).status).toBe(200);
    expectLacking(await rest.get(`/${type}/two`), `${type}:two:read`);
    expectLacking(await rest.get(`/${type}`), `${type}:*:read`);
    expectLacking(await rest.get(`/${type}?_id=one`), `${type}:*:read`);
    expectProblem(await rest.patch(`/${type}/one`, {}), 403);
    expectProblem(await rest.delete(`/${type}/one`), 403);
  });

  it('permits updating only: no creating, deleting, reading or other object', async () => {
    const { rest } = await aCaller(library.server, 'Client:two:update', 'Client:new:update');
    expect((await rest.patch('/Client/two', { name: 'x' })).status).toBe(200);
    expect((await rest.put('/Client/two', { name: 'y' })).status).toBe(200);
    expectLacking(await rest.put('/Client/one', {}), 'Client:one:update');
    expectLacking(await rest.put('/Client/new', {}), 'Client:new:create');
    expectLacking(await rest.get('/Client/two'), 'Client:two:read');
    expectLacking(await rest.delete('/Client/two'), 'Client:two:delete');
    expectLacking(await rest.post('/Client/two/$rotate-secret'), 'Client:two:rotate');
  });

  it('permits creating only the named object, by PUT or POST, and no replacing', async () => {
    const { rest } = await aCaller(library.server, 'Client:fresh:create', 'Client:one:create');
    expect((await rest.put('/Client/fresh', {})).status).toBe(201);
    expectLacking(await rest.put('/Client/fresh', {}), 'Client:fresh:update');
    expectLacking(await rest.put('/Client/one', {}), 'Client:one:update');
    await root.delete('/Client/fresh');
    expect((await rest.post('/Client', { id: 'fresh' })).status).toBe(201);
    expectProblem(await rest.post('/Client', { id: 'fresh' }), 409);
    expectProblem(await rest.post('/Client', { id: 'other' }), 403);
    expectProblem(await rest.post('/Client', {}), 403);
    expectProblem(await rest.post('/Client', { id: ['fresh'] }), 403);
    expectProblem(await rest.post('/Client', { id: '*' }), 403);
  });

  it('permits deleting only the named object, even if it does not exist', async () => {
    await root.put('/Client/doomed', {});
    const { rest } = await aCaller(library.server, 'Client:doomed:delete');
    expectLacking(await rest.delete('/Client/two'), 'Client:two:delete');
    expectLacking(await rest.delete('/Client/never'), 'Client:never:delete');
    expect((await rest.delete('/Client/doomed')).status).toBe(204);
    expect((await rest.delete('/Client/doomed')).status).toBe(204);
  });

  it('permits $rotate-secret only with rotate on that client', async () => {
    const { rest } = await aCaller(library.server, 'Client:one:rotate', 'SigningKey:*:read', 'book:*:read');
    expect((await rest.post('/Client/one/$rotate-secret')).status).toBe(200);
    expectLacking(await rest.post('/Client/two/$rotate-secret'), 'Client:two:rotate');
    expectLacking(await rest.post('/Client/two/%24rotate-secret'), 'Client:two:rotate');
    expectLacking(await rest.post('/SigningKey/$rotate'), 'SigningKey:*:rotate');
    expectLacking(await rest.post('/SigningKey/%24rotate'), 'SigningKey:*:rotate');
    expect((await rest.get('/SigningKey')).status).toBe(200);
  });

  it.each(['$explain', '$who-can', '%24explain', '%24who-can'])(
    'requires AccessPolicy:*:read for %s',
    async (name) => {
      const question = { client: 'one', scope: 'book:1:read' };
      const body = name.includes('explain') ? question : { scope: question.scope };
      const lacks = await aCaller(library.server, 'AccessPolicy:one:read', 'AccessPolicy:*:update');
      expectLacking(await lacks.rest.post(`/AccessPolicy/${name}`, body), 'AccessPolicy:*:read');
      const has = await aCaller(library.server, 'AccessPolicy:*:read');
      const answer = await has.rest.post(`/AccessPolicy/${name}`, body);
      expect(answer.status, answer.text).toBe(200);
    },
  );

  it('treats an identifier in another spelling as another one', async () => {
    const { rest } = await aCaller(library.server, 'Client:one:read');
    for (const id of ['ONE', 'One', 'one%20', 'one%00', 'one.', '*', 'one,two', '%6Fne%2F']) {
      expectProblem(await rest.get(`/Client/${id}`), 403);
    }
    expect((await rest.get('/Client/%6Fne')).status).toBe(200);
  });
});

describe("* and allow cover every registered resource but not the server's own types", () => {
  it.each([
    ['allow', (id: string) => ({ engine: 'allow', link: linkTo(id) })],
    ['*:*:*', (id: string) => ({ engine: 'rules', link: linkTo(id), rules: [allow('*', '*', '*')] })],
    ['*:*:read', (id: string) => ({ engine: 'rules', link: linkTo(id), rules: [allow('*', '*', 'read')] })],
  ])('grants no administration by %s', async (_, policy) => {
    const { id, rest, client } = await aCaller(library.server);
    await register(library.server, 'AccessPolicy', id, policy(id));
    const token = await client.token(NATIVE, { scope: '*:*:read' });
    for (const caller of [rest, withToken(library.server, token)]) {
      for (const type of ['Client', 'Resource', 'AccessPolicy', 'SigningKey']) {
        expectProblem(await caller.get(`/${type}`), 403);
        expectProblem(await caller.get(`/${type}/root`), 403);
      }
      expectProblem(await caller.put('/Client/mine', {}), 403);
    }
  });

  it('grants administration by a rule that names the type', async () => {
    const { rest } = await aCaller(library.server, 'Client:*:read');
    expect((await rest.get('/Client')).status).toBe(200);
    expectProblem(await rest.get('/Resource'), 403);
  });
});

describe('Deny rules on administration', () => {
  it('denies one object, also in a list', async () => {
    const { rest } = await aCaller(library.server, 'Client:*:*', '!Client:two:read');
    expect((await rest.get('/Client/one')).status).toBe(200);
    expectProblem(await rest.get('/Client/two'), 403);
    expectProblem(await rest.get('/Client'), 403);
    expect((await rest.patch('/Client/two', {})).status).toBe(200);
  });
});

describe('Permissions follow the current policies', () => {
  it('applies a revoked permission to the next request with an older token', async () => {
    const { client, rest } = await aCaller(library.server, 'Client:*:read');
    const token = await client.token(NATIVE);
    const scoped = await client.token(NATIVE, { scope: 'Client:*:read' });
    const callers = [rest, withToken(library.server, token), withToken(library.server, scoped)];
    for (const caller of callers) expect((await caller.get('/Client')).status).toBe(200);
    await regrant(library.server, client, 'Resource:*:read');
    for (const caller of callers) expectLacking(await caller.get('/Client'), 'Client:*:read');
    await regrant(library.server, client, 'Client:*:read');
    for (const caller of callers) expect((await caller.get('/Client')).status).toBe(200);
    await root.delete(`/AccessPolicy/${client.id}`);
    for (const caller of callers) expectProblem(await caller.get('/Client'), 403);
  });
});

describe('Sessions with a scope', () => {
  it('limits a session to its scope, whatever the policies', async () => {
    const client = await aClient(library.server)
      .withGrant('Client:*:*', 'Resource:*:*', 'diary:*:read')
      .register();
    const token = await client.token(NATIVE, {
      scope: 'Client:one:read diary:1:read',
      audience: library.own,
    });
    const rest = withToken(library.server, token);
    expect((await rest.get('/Client/one')).status).toBe(200);
    expectLacking(await rest.get('/Client/two'), 'Client:two:read');
    expectLacking(await rest.get('/Client'), 'Client:*:read');
    expectLacking(await rest.patch('/Client/one', {}), 'Client:one:update');
    expectProblem(await rest.get('/Resource/one'), 403);
    const unscoped = withToken(library.server, await client.token(NATIVE));
    expect((await unscoped.get('/Client')).status).toBe(200);
  });

  it('limits a session with an empty scope to DELETE /Session', async () => {
    const client = await aClient(library.server).withGrant('Client:*:*', 'Session:*:*').register();
    const asked = { scope: 'book:1:read', audience: library.own };
    const { body } = await client.ask({ name: 'authing', token: '/oidc/token' }, asked);
    expect(body.scope).toBe('');
    const rest = withToken(library.server, body.access_token);
    for (const path of ['/Client', '/Client/one', '/Session', `/Session?client=${client.id}`, '/Resource']) {
      expectProblem(await rest.get(path), 403);
    }
    const [own] = idsOf(await root.get(`/Session?client=${client.id}`));
    expectProblem(await rest.get(`/Session/${own}`), 403);
    expectProblem(await rest.delete(`/Session/${own}`), 403);
    expectProblem(await rest.delete(`/Session?client=${client.id}`), 403);
    expect((await rest.delete('/Session')).status).toBe(204);
  });
});

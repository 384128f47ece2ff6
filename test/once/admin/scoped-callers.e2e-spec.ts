import { beforeAll, describe, expect, it } from 'vitest';
import { OWN_TYPES } from '../../../packages/protocol/src/own-type.js';
import { expectProblem, idsOf } from '../../admin/answers.js';
import { aCaller, allow, type Caller, deny, linkTo, withToken } from '../../admin/callers.js';
import { type Admin, admin } from '../../support/admin.js';
import { NATIVE } from '../../support/dialects.js';
import { useLibrary } from '../../support/library.js';
import { aClient, register, type TestClient } from '../../support/registration.js';

const library = useLibrary();
let root: Admin;
/** Holds the whole server; what its tokens may do is what their scope says. */
let powerful: Caller;
let weak: TestClient;

beforeAll(async () => {
  root = admin(library.server);
  powerful = await aCaller(library.server, '*:*:*', ...OWN_TYPES.map((type) => `${type}:*:*`));
  weak = await aClient(library.server).withGrant('book:1:read').register();
});

const scoped = async (scope: string) =>
  withToken(library.server, await powerful.client.token(NATIVE, { scope }));

const policy = (...rules: object[]) => ({ engine: 'rules', link: linkTo(weak.id), rules });

describe('Tokens with a scope', () => {
  it("rejects granting anything outside the token's scope (fault A2)", async () => {
    const ci = await scoped('AccessPolicy:ci:create AccessPolicy:ci:update book:2:read');
    for (const rule of [
      allow('book', '1', 'read'),
      allow('book', '2', 'write'),
      allow('book', '*', 'read'),
      allow('Client', 'root', 'update'),
      allow('AccessPolicy', 'ci', 'delete'),
      allow('*', '*', '*'),
    ]) {
      expectProblem(await ci.put('/AccessPolicy/ci', policy(rule)), 403);
      expectProblem(await ci.post('/AccessPolicy', { id: 'ci', ...policy(rule) }), 403);
    }
    expectProblem(await ci.put('/AccessPolicy/ci', { engine: 'allow', link: linkTo(weak.id) }), 403);
    const given = await ci.put('/AccessPolicy/ci', policy(allow('book', '2', 'read')));
    expect(given.status, given.text).toBe(201);
    await root.delete('/AccessPolicy/ci');
  });

  it('rejects linking a client to a policy that grants more than the scope covers (fault A2)', async () => {
    await register(library.server, 'AccessPolicy', 'strong', policy(allow('diary', '*', '*')));
    const rest = await scoped('AccessPolicy:strong:update');
    expectProblem(await rest.patch('/AccessPolicy/strong', { link: linkTo(weak.id, powerful.id) }), 403);
    await root.delete('/AccessPolicy/strong');
  });

  it('rejects lifting a deny that the scope does not cover (fault A2)', async () => {
    await register(library.server, 'AccessPolicy', 'denying', policy(deny('diary', '1', 'read')));
    const narrow = await scoped('AccessPolicy:denying:delete');
    expectProblem(await narrow.delete('/AccessPolicy/denying'), 403);
    const wide = await scoped('AccessPolicy:denying:delete diary:1:read');
    expect((await wide.delete('/AccessPolicy/denying')).status).toBe(204);
  });

  it('rejects changing a client that holds more than the scope covers (fault A2)', async () => {
    const rest = await scoped('Client:*:update Client:*:delete Client:*:rotate');
    for (const id of ['root', weak.id]) {
      expectProblem(await rest.patch(`/Client/${id}`, { secret: 'my-own-secret' }), 403);
      expectProblem(await rest.patch(`/Client/${id}`, { active: false }), 403);
      expectProblem(await rest.post(`/Client/${id}/$rotate-secret`), 403);
      expectProblem(await rest.delete(`/Client/${id}`), 403);
      expect((await rest.patch(`/Client/${id}`, { name: 'renamed' })).status).toBe(200);
    }
    const covering = await scoped('Client:*:update book:1:read');
    expect(
      (await covering.patch(`/Client/${weak.id}`, { active: true, secret: 'my-own-secret' })).status,
    ).toBe(200);
    await register(library.server, 'Client', weak.id, {
      secret: weak.secret,
      grant_types: ['client_credentials'],
    });
  });

  it('rejects adding a resource to an audience whose resources the scope does not let it update (fault A2)', async () => {
    const rest = await scoped('Resource:page:update Resource:new:create');
    expectProblem(await rest.patch('/Resource/page', { token: { access_token_expiration: 1 } }), 403);
    expectProblem(await rest.put('/Resource/new', { audience: 'urn:atlas' }), 403);
    expect((await rest.put('/Resource/new', { audience: 'urn:new' })).status).toBe(201);
    await root.delete('/Resource/new');
  });
});

describe('Sessions closed with a scoped token', () => {
  it('leaves other sessions of the client open (fault A2)', async () => {
    const client = await aCaller(library.server, 'book:1:read');
    const token = await client.client.token(NATIVE, { scope: 'book:1:read', audience: 'urn:library' });
    const own = { scope: 'book:1:read', audience: [`${library.own}`, 'urn:library'] };
    const serving = await client.client.ask(NATIVE, { scope: own.scope, resource: own.audience });
    expect(serving.status, serving.text).toBe(200);
    const rest = withToken(library.server, serving.body.access_token);
    const [mine, others] = idsOf(await root.get(`/Session?client=${client.id}`));
    expectProblem(await rest.delete(`/Session?client=${client.id}`), 403);
    expectProblem(await rest.delete(`/Session/${others}`), 403);
    expectProblem(await rest.patch(`/Session/${others}`, { active: false }), 403);
    expect((await root.get(`/Session/${others}`)).body.active).toBe(true);
    expect((await rest.delete(`/Session/${mine}`)).status).toBe(204);
    expectProblem(await rest.get('/Session'), 401);
    expect(token).not.toBe('');
  });

  it('closes its family, and sessions that its scope names (fault A2)', async () => {
    const caller = await aCaller(library.server, 'Session:*:*');
    await root.patch(`/Client/${caller.id}`, { auth: { client_credentials: { refresh_token: true } } });
    const first = await caller.client.ask(NATIVE, {
      scope: `Session:${weak.id}:delete`,
      audience: library.own,
    });
    expect(first.status, first.text).toBe(200);
    const next = await caller.client.post(NATIVE, {
      grant_type: 'refresh_token',
      refresh_token: first.body.refresh_token,
    });
    const [, before] = idsOf(await root.get(`/Session?client=${caller.id}`));
    const rest = withToken(library.server, next.body.access_token);
    await weak.token(NATIVE);
    expect((await rest.delete(`/Session?client=${weak.id}`)).status).toBe(204);
    expectProblem(await rest.delete(`/Session?client=${powerful.id}`), 403);
    expect((await rest.delete(`/Session/${before}`)).status).toBe(204);
    expectProblem(await rest.get('/Session'), 401);
  });

  it('closes all sessions of the client without a scope (fault A2)', async () => {
    const caller = await aCaller(library.server);
    const rest = withToken(library.server, await caller.client.token(NATIVE));
    expect((await rest.delete(`/Session?client=${caller.id}`)).status).toBe(204);
    expectProblem(await rest.get('/Session'), 401);
  });
});

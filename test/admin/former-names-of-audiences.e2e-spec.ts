import { decodeJwt } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Admin, admin } from '../support/admin.js';
import { NATIVE } from '../support/dialects.js';
import { bearer, form, get } from '../support/http.js';
import { useLibrary } from '../support/library.js';
import { aClient, aResource, regrant, type TestClient } from '../support/registration.js';
import { openRows } from '../support/rows.js';
import { expectProblem } from './answers.js';
import { aCaller } from './callers.js';

const library = useLibrary();
let root: Admin;
let made = 0;

beforeAll(() => {
  root = admin(library.server);
});

const named = (...names: string[]) => ({ operations: names.map((name) => ({ name })) });

/** Three resources, of which the last has an audience of its own, and the owner of the first. */
async function aTrio() {
  const { server } = library;
  const [docs, news, blog] = [`docs-${++made}`, `news-${made}`, `blog-${made}`];
  const [shared, other] = [`urn:shared-${made}`, `urn:other-${made}`];
  await aResource(server, docs, ['read', 'publish'], { audience: shared });
  await aResource(server, news, ['list'], { audience: shared });
  await aResource(server, blog, ['write', 'publish'], { audience: other });
  const { rest } = await aCaller(server, `Resource:${docs}:update,read`);
  const drop = async () => {
    const answer = await rest.patch(`/Resource/${docs}`, named('read'));
    expect(answer.status, answer.text).toBe(200);
  };
  const both = [shared, other];
  const clientWith = (...rules: string[]) =>
    aClient(server)
      .withTokens({ token_format: 'jwt', refresh_token: true })
      .withGrant(...rules)
      .register();
  const asks = async (client: TestClient, scope = 'publish', resource = both) => {
    const { body } = await client.ask(NATIVE, { resource, ...(scope === '' ? {} : { scope }) });
    return body.access_token === undefined ? undefined : decodeJwt(body.access_token).scope;
  };
  return { docs, news, blog, shared, other, both, drop, clientWith, asks };
}

describe('The name of an operation that has left one of several audiences', () => {
  it('is granted for all of them only with its former meaning (fault A1, RFC 8707 2.2)', async () => {
    const { news, blog, both, other, drop, clientWith, asks } = await aTrio();
    const client = await clientWith(`${news}:*:*`, `${blog}:*:*`);
    expect(await asks(client)).toBeUndefined();
    await drop();
    expect(await asks(client)).toBeUndefined();
    expect(await asks(client, '')).toBe(`list write ${blog}:*:publish`);
    expect(await asks(client, `${blog}:*:publish ${blog}:1:publish list`)).toBe(
      `${blog}:*:publish ${blog}:1:publish list`,
    );
    expect(await asks(client, 'publish', [other])).toBe('publish');
    const { body } = await root.post('/AccessPolicy/$explain', {
      client: client.id,
      scope: 'publish',
      audience: both,
    });
    expect(body.items).toEqual([
      { scope: 'publish', granted: false, reason: 'no_rule', suggest: [`${blog}:*:publish`] },
    ]);
  });

  it('stays in the tokens of clients that have its former meaning, everywhere (fault A1)', async () => {
    const { docs, blog, both, drop, clientWith, asks } = await aTrio();
    const { server } = library;
    const client = await clientWith(`${docs}:*:*`, `${blog}:*:*`);
    await drop();
    expect(await asks(client)).toBe('publish');
    expect(await asks(client, '')).toBe('read write publish');
    const { body } = await client.ask(NATIVE, { resource: both, scope: 'publish write' });
    const verified = () => get(`${server.url}/auth/verify?scope=publish`, bearer(body.access_token));
    const shown = async () =>
      (await form(`${server.url}/auth/introspect`, { token: body.access_token }, client.basic)).body.scope;
    const able = async () =>
      (await root.post('/AccessPolicy/$who-can', { scope: 'publish', audience: both })).body.clients;
    expect((await verified()).status).toBe(200);
    expect(await shown()).toBe('publish write');
    expect(await able()).toContainEqual({ resourceType: 'Client', id: client.id });
    await regrant(server, client, `${blog}:*:*`, `${docs}:1:*`);
    expect((await verified()).status).toBe(403);
    expect(await shown()).toBe('write');
    expect(await able()).not.toContainEqual({ resourceType: 'Client', id: client.id });
    const { refresh_token } = body;
    const refreshed = await client.post(NATIVE, { grant_type: 'refresh_token', refresh_token });
    expect(decodeJwt(refreshed.body.access_token).scope).toBe('write');
  });

  it('means what the last resource with it grants, and is forgotten after 400 days (fault A1)', async () => {
    const { docs, news, blog, drop, clientWith, asks } = await aTrio();
    const client = await clientWith(`${news}:*:*`, `${blog}:*:*`);
    await drop();
    const owner = await aCaller(library.server, `Resource:${news}:update,read`, `${news}:*:*`, `${docs}:*:*`);
    const write = async (...names: string[]) =>
      expect((await owner.rest.patch(`/Resource/${news}`, named(...names))).status).toBe(200);
    await write('list', 'publish');
    expect(await asks(client)).toBe('publish');
    await write('list');
    expect(await asks(client)).toBe('publish');
    const reader = await clientWith(`${docs}:*:*`, `${blog}:*:*`);
    expect(await asks(reader)).toBeUndefined();
    const rows = await openRows(library.server);
    try {
      const leftAt = Date.now() - 401 * 24 * 60 * 60 * 1000;
      await rows.all('UPDATE former_operation SET left_at = ? WHERE resource_id = ?', [leftAt, news]);
      await rows.all('UPDATE former_operation SET left_at = ? WHERE resource_id = ?', [leftAt, docs]);
    } finally {
      await rows.close();
    }
    await write('list', 'print');
    expect(await asks(reader)).toBe('publish');
  });
});

describe('The name of a former operation', () => {
  const refused = async (detail: string, rest: Admin, path: string, members: object) => {
    const answer = await rest.put(path, members);
    expectProblem(answer, 403);
    expect(answer.body.detail).toContain(`could be taken for the ${detail}`);
  };

  it.each([
    ['draft', 'draft', 'list'],
    ['draft:list', 'draft', 'list'],
  ])('%s does not become an item of a new resource %s (fault A1)', async (form, head, operation) => {
    const { server } = library;
    const [docs, id, audience] = [`docs-${++made}`, `${head}-${made}`, `urn:read-as-${made}`];
    const name = form.replace(head, id);
    await aResource(server, docs, ['read', name], { audience });
    const client = await aClient(server).withGrant('*:*:*', `!${docs}:*:*`).register();
    const rights = [`Resource:${docs}:update,read`, `Resource:${id}:create,update,read`];
    const owner = await aCaller(server, ...rights);
    expect((await owner.rest.patch(`/Resource/${docs}`, named('read'))).status).toBe(200);
    const members = { audience, ...named(operation) };
    await refused(`former operation ${name} of Resource/${docs}`, owner.rest, `/Resource/${id}`, members);
    const holder = await aCaller(server, ...rights, `${docs}:*:*`);
    const created = await holder.rest.put(`/Resource/${id}`, members);
    expect(created.status, created.text).toBe(201);
    expect((await client.ask(NATIVE, { audience, scope: name })).body.scope).toBe(name);
  });

  it('is not what an item of a deleted resource was (fault A1)', async () => {
    const { server } = library;
    const [docs, id, audience] = [`docs-${++made}`, `gone-${made}`, `urn:gone-${made}`];
    await aResource(server, docs, ['read'], { audience });
    await aResource(server, id, ['list', 'print'], { audience });
    expect((await root.delete(`/Resource/${id}`)).status).toBe(204);
    const owner = await aCaller(server, `Resource:${docs}:update,read`, `${docs}:*:*`);
    for (const [name, item] of [
      [id, `${id}:*:*`],
      [`${id}:list`, `${id}:*:list`],
      [`${id}:7:print`, `${id}:7:print`],
    ] as const) {
      await refused(`item ${item} of a deleted resource`, owner.rest, `/Resource/${docs}`, {
        audience,
        ...named('read', name),
      });
    }
    const write = await owner.rest.put(`/Resource/${docs}`, { audience, ...named('read', `${id}:other`) });
    expect(write.status, write.text).toBe(200);
  });
});

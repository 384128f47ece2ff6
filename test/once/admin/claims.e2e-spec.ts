import { beforeAll, describe, expect, it } from 'vitest';
import { expectProblem, send } from '../../admin/answers.js';
import { aCaller, withToken } from '../../admin/callers.js';
import { type Admin, admin } from '../../support/admin.js';
import { NATIVE } from '../../support/dialects.js';
import { useLibrary } from '../../support/library.js';
import { aClient, aResource } from '../../support/registration.js';

const library = useLibrary();
let root: Admin;

beforeAll(() => {
  root = admin(library.server);
});

const TYPES = [
  ['Client', {}],
  ['Resource', { operations: [{ name: 'read' }] }],
] as const;

const filled = (bytes: number) => ({ blob: 'x'.repeat(bytes - '{"blob":""}'.length) });

describe.each(TYPES)('claims of /%s', (type, members) => {
  const path = `/${type}/claiming`;
  const put = (claims: unknown) => root.put(path, { ...members, claims });

  it('are kept as they were written, and change nothing when they are written again', async () => {
    const claims = {
      'https://example.com/tenant': 'a\nb',
      list: [1, -2.5, 1e-7, null, { b: {}, a: [] }],
      none: null,
    };
    const written = await put(claims);
    expect(written.body.claims).toEqual(claims);
    const reversed = Object.fromEntries(Object.entries(claims).reverse());
    expect((await put(reversed)).headers.get('etag')).toBe(written.headers.get('etag'));
    expect((await root.get(`/${type}?_id=claiming&_elements=claims`)).body.entry[0].resource.claims).toEqual(
      claims,
    );
    expect((await put({})).body).not.toHaveProperty('claims');
  });

  it('are patched name by name, and reported in audit events', async () => {
    await put({ a: { b: 1, c: 2 }, d: 3 });
    const { body } = await root.patch(path, { claims: { a: { b: null }, e: 4 } });
    expect(body.claims).toEqual({ a: { c: 2 }, d: 3, e: 4 });
    const { detail } = (await root.get('/AuditEvent?_count=1')).body.entry[0].resource;
    expect([detail.before.claims, detail.after.claims]).toEqual([{ a: { b: 1, c: 2 }, d: 3 }, body.claims]);
  });

  it.each([
    ...['iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti', 'client_id', 'auth_time', 'acr', 'amr', 'scope'],
    ...['roles', 'groups', 'entitlements', 'active', 'username', 'token_type', 'cnf', 'act', 'may_act'],
    ...['authorization_details', 'azp', 'gty', 'permissions', 'token_introspection', 'ISS', 'Scope'],
  ])('reject the reserved name %s', async (name) => {
    expectProblem(await put({ [name]: 'x' }), 422, [`claims.${name}`]);
  });

  it.each([
    [{ '': 1 }, ['claims.']],
    [{ 'a b': 1, ѕub: 1 }, ['claims.a b', 'claims.ѕub']],
    [{ ['n'.repeat(256)]: 1 }, [`claims.${'n'.repeat(256)}`]],
    [{ a: '\ud800', b: ['\udc00'] }, ['claims.a', 'claims.b[0]']],
    [['a'], ['claims']],
    ['a', ['claims']],
  ])('reject %j', async (claims, paths) => {
    expectProblem(await put(claims), 422, paths);
  });

  it.each([
    ['{"a":1e999}', 422],
    ['{"a":[12345678901234567890]}', 422],
    ['{"a":{"__proto__":1}}', 400],
    ['{"constructor":1}', 400],
  ])('reject %s, which readers would change', async (claims, expected) => {
    const body = JSON.stringify({ ...members, claims: 0 }).replace('"claims":0', `"claims":${claims}`);
    const headers = { ...(await rootHeaders()), 'content-type': 'application/json' };
    const { status, body: problem } = await send(library.server, 'PUT', path, body, headers);
    expect(status).toBe(expected);
    if (expected === 422) expect(problem.errors[0].path).toMatch(/^claims\./);
  });

  it('are at most 8 KiB as JSON', async () => {
    expect((await put(filled(8192))).status).toBeLessThan(300);
    expectProblem(await put(filled(8193)), 422, ['claims']);
    expectProblem(await put({ blob: 'é'.repeat(4091) }), 422, ['claims']);
    await put({});
  });
});

const rootHeaders = async () => {
  const { adminId, adminSecret } = library.server;
  return { authorization: `Basic ${Buffer.from(`${adminId}:${adminSecret}`).toString('base64')}` };
};

describe('The claims of one token', () => {
  it('do not exceed 8 KiB with those of its audience, whichever is written last', async () => {
    const audience = 'urn:sum';
    const lists = (list: string[]) => ({ auth: { client_credentials: { audience: list } } });
    await aResource(library.server, 'sum-1', [], { audience, claims: { a: 'x'.repeat(4000) } });
    expectProblem(await root.put('/Client/sum', { claims: { b: 'x'.repeat(4200) } }), 422, ['claims']);
    expect((await root.put('/Client/sum', { claims: { a: 'x'.repeat(8000) } })).status).toBe(201);
    const apart = { claims: { b: 'x'.repeat(4200) }, ...lists(['urn:library']) };
    expect((await root.put('/Client/sum', apart)).status).toBe(200);
    expectProblem(await root.put('/Client/sum', { ...apart, ...lists([audience]) }), 422, ['claims']);
    const fits = { claims: { b: 'x'.repeat(3000) }, ...lists([audience]) };
    expect((await root.put('/Client/sum', fits)).status).toBe(200);
    const second = { audience, operations: [], claims: { c: 'x'.repeat(2000) } };
    expectProblem(await root.put('/Resource/sum-2', second), 422, ['claims']);
    expectProblem(await root.put('/Resource/sum-2', { ...second, claims: { c: 'x'.repeat(4500) } }), 422, [
      'claims',
    ]);
    expect((await root.put('/Resource/sum-2', { ...second, claims: { c: 'x' } })).status).toBe(201);
  });
});

describe('Writing claims', () => {
  it('of a client requires the right to update every resource, or the same claims', async () => {
    const plain = await aCaller(library.server, 'Client:*:create,update,read,delete,rotate');
    expectProblem(await plain.rest.put('/Client/claimed-1', { claims: { tenant: 'acme' } }), 403);
    expect((await plain.rest.put('/Client/claimed-1', {})).status).toBe(201);
    expectProblem(await plain.rest.patch('/Client/claimed-1', { claims: { tenant: 'acme' } }), 403);
    const owner = await aCaller(library.server, 'Client:*:create,update,read', 'Resource:*:update');
    expect((await owner.rest.patch('/Client/claimed-1', { claims: { tenant: 'acme' } })).status).toBe(200);
    const same = await aCaller(library.server, 'Client:*:create,update,read');
    await root.patch(`/Client/${same.id}`, { claims: { tenant: 'acme' } });
    expect((await same.rest.put('/Client/claimed-2', { claims: { tenant: 'acme' } })).status).toBe(201);
    expectProblem(await same.rest.put('/Client/claimed-2', { claims: { tenant: 'other' } }), 403);
  });

  it('of a client bounds which callers may take it over', async () => {
    await root.put('/Client/claimed-3', { claims: { role: 'admin' } });
    const { rest } = await aCaller(library.server, 'Client:*:update,delete,rotate,read');
    expectProblem(await rest.post('/Client/claimed-3/$rotate-secret'), 403);
    expectProblem(await rest.patch('/Client/claimed-3', { secret: 'Nq7-taken-over-4411' }), 403);
    expectProblem(await rest.delete('/Client/claimed-3'), 403);
    expect((await rest.patch('/Client/claimed-3', { name: 'Named' })).status).toBe(200);
  });

  it('is not permitted to the client itself', async () => {
    const { id, rest } = await aCaller(library.server, 'Client:*:update,read');
    expectProblem(await rest.patch(`/Client/${id}`, { claims: { role: 'admin' } }), 403);
    await root.patch(`/Client/${id}`, { claims: { restricted: true } });
    expectProblem(await rest.patch(`/Client/${id}`, { claims: null }), 403);
    expectProblem(await rest.patch(`/Client/${id}`, { claims: { restricted: false } }), 403);
  });

  it('is not permitted to a scoped token of a client with the same claims', async () => {
    const client = await aClient(library.server)
      .with({ claims: { tenant: 'acme' } })
      .withGrant('Client:*:create,read')
      .register();
    const create = async (id: string, fields: Record<string, string>) =>
      withToken(library.server, await client.token(NATIVE, fields)).put(`/Client/${id}`, {
        claims: { tenant: 'acme' },
      });
    expectProblem(await create('claimed-4', { scope: 'Client:*:create' }), 403);
    expect((await create('claimed-4', {})).status).toBe(201);
  });

  it('of a resource requires the right to update each resource of its audience', async () => {
    await aResource(library.server, 'pair-1', ['a'], { audience: 'urn:pair' });
    await aResource(library.server, 'pair-2', ['b'], { audience: 'urn:pair' });
    const one = await aCaller(library.server, 'Resource:pair-1:update,read');
    expectProblem(await one.rest.patch('/Resource/pair-1', { claims: { tier: 1 } }), 403);
    const both = await aCaller(library.server, 'Resource:pair-1:update,read', 'Resource:pair-2:update,read');
    expect((await both.rest.patch('/Resource/pair-1', { claims: { tier: 1 } })).status).toBe(200);
    expectProblem(await one.rest.patch('/Resource/pair-1', { claims: null }), 403);
  });
});

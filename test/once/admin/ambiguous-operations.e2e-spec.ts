import { beforeAll, describe, expect, it } from 'vitest';
import { expectProblem } from '../../admin/answers.js';
import { aCaller, allow, type Caller } from '../../admin/callers.js';
import { type Admin, admin } from '../../support/admin.js';
import { NATIVE } from '../../support/dialects.js';
import { bearer, get } from '../../support/http.js';
import { LIBRARY, useLibrary } from '../../support/library.js';
import { aClient, aResource, regrant, storeOperations } from '../../support/registration.js';

const library = useLibrary();
let root: Admin;
/** Holds all of its own resource, which has an audience of its own, and may change it and those of the library. */
let team: Caller;
const TEAM = 'urn:team';
const OPERATIONS = [{ name: 'plan' }, { name: 'ship' }];

beforeAll(async () => {
  root = admin(library.server);
  await aResource(library.server, 'team', ['plan', 'ship'], { audience: TEAM });
  team = await aCaller(
    library.server,
    'team:*:*',
    'Resource:team:read,update,delete,create',
    'Resource:fresh:create,update,delete',
    'Resource:book:update,delete',
  );
});

const operationsOf = async (id: string) => (await root.get(`/Resource/${id}`)).body.operations;

describe('Ambiguous operation names', () => {
  it.each([
    'book:1:write',
    'book:write',
    'book',
    'book:*:*',
    'Client:root:update',
    'Client',
    'AccessPolicy:*',
    '*:*:*',
    '*:read',
    'read*',
  ])('rejects the operation name %s from any caller (fault A1)', async (name) => {
    for (const rest of [team.rest, root]) {
      const operations = [...OPERATIONS, { name }];
      expectProblem(await rest.patch('/Resource/team', { operations }), 422, ['operations[2].name']);
      const created = {
        audience: 'urn:fresh',
        operations: [{ name }, { name: 'plan' }],
      };
      expectProblem(await rest.put('/Resource/fresh', created), 422, ['operations[0].name']);
    }
    expect(await operationsOf('team')).toEqual(OPERATIONS);
  });

  it.each([
    ['https', 'https://x/y'],
    ['orders', 'orders:1:refund'],
    ['approve', 'approve'],
  ])('rejects a new resource %s that makes the operation %s ambiguous (fault A1)', async (id, name) => {
    const existing = await root.put('/Resource/named', { audience: 'urn:named', operations: [{ name }] });
    expect(existing.status, existing.text).toBeLessThan(202);
    expectProblem(await root.put(`/Resource/${id}`, { audience: 'urn:other' }), 422, ['id']);
    expectProblem(await root.post('/Resource', { id, audience: 'urn:other' }), 422, ['id']);
    await root.delete('/Resource/named');
    expect((await root.put(`/Resource/${id}`, { audience: 'urn:other' })).status).toBe(201);
    await root.delete(`/Resource/${id}`);
  });

  it('grants an ambiguous item on its own resource only with both readings (fault A1)', async () => {
    const operations = [...OPERATIONS, { name: 'team:1:plan' }];
    expect((await team.rest.patch('/Resource/team', { operations })).status).toBe(200);
    const asked = { audience: TEAM, scope: 'team:1:plan' };
    const operation = await aClient(library.server).withGrant('team:*:team:1:plan').register();
    expect((await operation.ask(NATIVE, asked)).body.error).toBe('invalid_scope');
    const both = await aClient(library.server).withGrant('team:*:team:1:plan', 'team:1:plan').register();
    expect((await both.ask(NATIVE, asked)).body.scope).toBe('team:1:plan');
    await root.delete(`/AccessPolicy/${operation.id}`);
    await root.delete(`/AccessPolicy/${both.id}`);
    expect((await team.rest.patch('/Resource/team', { operations: OPERATIONS })).status).toBe(200);
  });

  it('grants a stored ambiguous name only with both readings, and verifies it likewise (fault A1)', async () => {
    await aResource(library.server, 'old', ['plan'], { audience: LIBRARY });
    await storeOperations(library.server, 'old', ['plan', 'book:1:write']);
    const asked = { audience: LIBRARY, scope: 'book:1:write' };
    const one = await aClient(library.server).withGrant('old:*:*').register();
    expect((await one.ask(NATIVE, asked)).body.error).toBe('invalid_scope');
    const denied = await aClient(library.server).withGrant('old:*:*', 'book:*:*', '!book:1:*').register();
    expect((await denied.ask(NATIVE, asked)).body.error).toBe('invalid_scope');
    const both = await aClient(library.server).withGrant('old:*:*', 'book:1:write').register();
    const token = await both.token(NATIVE, asked);
    const verify = `${library.server.url}/auth/verify?scope=book:1:write&audience=${LIBRARY}`;
    expect((await get(verify, bearer(token))).status).toBe(200);
    await regrant(library.server, both, 'old:*:*', 'book:2:*');
    expect((await get(verify, bearer(token))).status).toBe(401);
    await root.delete('/Resource/old');
  });

  it('issues no token with an ambiguous item (fault A1)', async () => {
    const operations = [{ name: 'book:1:write' }, { name: '*:*:*' }];
    await team.rest.patch('/Resource/team', { audience: LIBRARY, operations });
    const answer = await team.client.ask(NATIVE, { audience: LIBRARY, scope: 'book:1:write' });
    expect(answer.status, answer.text).toBe(400);
    expect((await root.get(`/AccessPolicy/${team.id}`)).body.rules).toContainEqual(allow('team', '*', '*'));
  });
});

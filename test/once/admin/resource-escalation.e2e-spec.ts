import { beforeAll, describe, expect, it } from 'vitest';
import { expectProblem } from '../../admin/answers.js';
import { aCaller, allow, type Caller, deny, linkTo } from '../../admin/callers.js';
import { type Admin, admin } from '../../support/admin.js';
import { NATIVE } from '../../support/dialects.js';
import { bearer } from '../../support/http.js';
import { ATLAS, LIBRARY, useLibrary } from '../../support/library.js';
import { aClient, aResource, register } from '../../support/registration.js';

const library = useLibrary();
let root: Admin;
/** Holds all of its own resource, which has an audience of its own, and may change it. */
let team: Caller;
const TEAM = 'urn:team';
const OPERATIONS = [{ name: 'plan' }, { name: 'ship' }];

beforeAll(async () => {
  root = admin(library.server);
  await aResource(library.server, 'team', ['plan', 'ship'], { audience: TEAM });
  await aResource(library.server, 'log', ['append', 'tail']);
  team = await aCaller(
    library.server,
    'team:*:*',
    'Resource:team:read,update,delete,create',
    'Resource:log:update',
    'Resource:fresh:create,update,delete',
    'Resource:book:update,delete',
  );
});

const operationsOf = async (id: string) => (await root.get(`/Resource/${id}`)).body.operations;

describe('Resources with their own audience', () => {
  it('lets a caller with the update permission change the resource (fault A1)', async () => {
    const changes = [
      { name: 'The team' },
      { operations: [...OPERATIONS, { name: 'archive' }] },
      { operations: OPERATIONS },
      { token: { access_token_expiration: 60, signing_alg: 'RS256', profile: 'classic' } },
      { introspection_clients: linkTo(team.id) },
      { audience: 'urn:team-2' },
      { audience: TEAM, token: null },
    ];
    for (const change of changes) {
      const answer = await team.rest.patch('/Resource/team', change);
      expect(answer.status, `${JSON.stringify(change)}: ${answer.text}`).toBe(200);
    }
  });

  it('lets a caller with a permission by name create and delete the resource (fault A1)', async () => {
    const created = await team.rest.put('/Resource/fresh', { audience: 'urn:fresh', operations: OPERATIONS });
    expect(created.status, created.text).toBe(201);
    expect((await team.rest.delete('/Resource/fresh')).status).toBe(204);
  });
});

describe('Resources that share an audience', () => {
  it.each([
    ['another resource', { audience: LIBRARY }],
    ['another resource, with operations of its own', { audience: ATLAS, operations: [{ name: 'fly' }] }],
    ["the server's own types", { audience: null }],
  ])('rejects a resource that joins %s without the right to update them (fault A1)', async (_, change) => {
    expectProblem(await team.rest.patch('/Resource/team', change), 403);
    const created = { operations: OPERATIONS, ...change, audience: change.audience ?? undefined };
    expectProblem(await team.rest.put('/Resource/fresh', created), 403);
    expectProblem(await team.rest.post('/Resource', { id: 'fresh', ...created }), 403);
    expect((await root.get('/Resource/team')).body.audience).toBe(TEAM);
  });

  it('names the permission that is missing (fault A1)', async () => {
    const answer = await team.rest.patch('/Resource/team', { audience: ATLAS });
    expectProblem(answer, 403);
    expect(answer.body.detail).toContain('Resource:map:update');
    expect(answer.headers.get('www-authenticate')).toContain('insufficient_scope');
  });

  it('lets a resource join that comes with the right to update each of them (fault A1)', async () => {
    const both = await aCaller(library.server, 'Resource:team:update', 'Resource:map:update');
    expect((await both.rest.patch('/Resource/team', { audience: ATLAS })).status).toBe(200);
    expect((await both.rest.patch('/Resource/team', { audience: TEAM })).status).toBe(200);
  });

  it.each([
    ['a lifetime', { token: { access_token_expiration: 1 } }],
    ['an algorithm', { token: { signing_alg: 'ES256' } }],
    ['a profile', { token: { profile: 'classic' } }],
    [
      'an operation of the same name',
      { operations: [{ name: 'read' }, { name: 'write' }, { name: 'turn' }] },
    ],
    ['one operation of the same name less', { operations: [{ name: 'write' }] }],
  ])('rejects %s that would reach the tokens of others (fault A1)', async (_, change) => {
    expectProblem(await team.rest.patch('/Resource/book', change), 403);
    expect(await operationsOf('book')).toEqual([{ name: 'read' }, { name: 'write' }]);
  });

  it('rejects leaving the audience, or deletion, if an operation name is used by another resource there (fault A1)', async () => {
    expectProblem(await team.rest.patch('/Resource/book', { audience: 'urn:else' }), 403);
    expectProblem(await team.rest.delete('/Resource/book'), 403);
  });

  it('accepts adding and removing operations that no other resource of the audience has (fault A1)', async () => {
    const added = [{ name: 'read' }, { name: 'write' }, { name: 'bind' }];
    expect((await team.rest.patch('/Resource/book', { operations: added, name: 'Books' })).status).toBe(200);
    const removed = await team.rest.patch('/Resource/book', { operations: added.slice(0, 2) });
    expect(removed.status, removed.text).toBe(200);
  });

  it.each([
    ['200 operations', 200, 'n'],
    ['4,000 characters of names', 20, 'n'.repeat(200)],
  ])(
    'rejects operations that bring an audience beyond %s, without the right to update the others (fault A1)',
    async (_, count, prefix) => {
      const { server } = library;
      await aResource(server, 'guest', ['visit'], { audience: 'urn:crowd' });
      await aResource(server, 'host', ['greet'], { audience: 'urn:crowd' });
      const guest = await aCaller(server, 'Resource:guest:read,update');
      const both = await aCaller(server, 'Resource:guest:read,update', 'Resource:host:update');
      const named = (length: number) => Array.from({ length }, (_, n) => ({ name: `${prefix}${n}` }));
      const few = { operations: named(count - 2) };
      expect((await guest.rest.patch('/Resource/guest', few)).status).toBe(200);
      const many = { operations: named(count) };
      const refused = await guest.rest.patch('/Resource/guest', many);
      expectProblem(refused, 403);
      expect(refused.body.detail).toContain('Resource:host:update');
      expect((await both.rest.patch('/Resource/guest', many)).status).toBe(200);
      // Fewer again.
      expect((await guest.rest.patch('/Resource/guest', few)).status).toBe(200);
      for (const id of ['guest', 'host']) expect((await root.delete(`/Resource/${id}`)).status).toBe(204);
    },
  );

  it("rejects an introspection client on the server's own audience, which sees tokens without a scope (fault A1)", async () => {
    expectProblem(await team.rest.patch('/Resource/log', { introspection_clients: linkTo(team.id) }), 403);
    const added = [{ name: 'append' }, { name: 'tail' }, { name: 'rewind' }];
    expect((await team.rest.patch('/Resource/log', { operations: added })).status).toBe(200);
    expectProblem(
      await team.rest.patch('/Resource/log', { operations: [...added, { name: 'rotate' }] }),
      403,
    );
  });
});

describe('Unregistered audiences', () => {
  it('rejects registering an audience that a client lists, without the permission to update that client (fault A1, fault A9)', async () => {
    const listed = { audience: ['https://payroll.example'] };
    const client = await aClient(library.server).withTokens(listed).withEverything().register();
    const taking = { audience: 'https://payroll.example' };
    expectProblem(await team.rest.patch('/Resource/team', taking), 403);
    expectProblem(await team.rest.put('/Resource/fresh', taking), 403);
    const rights = ['Resource:team:update', `Client:${client.id}:update`];
    const without = await aCaller(library.server, ...rights);
    expectProblem(await without.rest.patch('/Resource/team', taking), 403);
    const both = await aCaller(library.server, ...rights, 'team:*:*');
    expect((await both.rest.patch('/Resource/team', taking)).status).toBe(200);
    expectProblem(await both.rest.patch('/Resource/team', { audience: TEAM }), 403);
    const unlisted = { auth: { client_credentials: { audience: null } } };
    expect((await admin(library.server).patch(`/Client/${client.id}`, unlisted)).status).toBe(200);
    expect((await both.rest.patch('/Resource/team', { audience: TEAM })).status).toBe(200);
  });

  it('rejects unregistering an audience that a client lists, by a caller that may not have it (fault A9)', async () => {
    const audience = 'https://hr.example';
    const own = await aCaller(library.server, 'Resource:hr:*', 'Client:hr-reader:*');
    const hr = { audience, operations: [{ name: 'read' }] };
    expect((await own.rest.put('/Resource/hr', hr)).status).toBe(201);
    const listing = { secret: 'long enough for hr', auth: { client_credentials: { audience: [audience] } } };
    const made = await own.rest.put('/Client/hr-reader', listing);
    expect(made.status, made.text).toBe(201);
    expectProblem(await own.rest.delete('/Resource/hr'), 403);
    expectProblem(await own.rest.patch('/Resource/hr', { audience: 'https://hr.example/v2' }), 403);
    expect((await own.rest.patch('/Client/hr-reader', { auth: null })).status).toBe(200);
    expect((await own.rest.delete('/Resource/hr')).status).toBe(204);
  });
});

describe('Unregistered audiences used by clients with the engine allow', () => {
  const USED = 'https://ledger.example';
  const takes = (rest: Admin) => [
    () => rest.patch('/Resource/team', { audience: USED }),
    () => rest.put('/Resource/fresh', { audience: USED, operations: OPERATIONS }),
  ];

  it('rejects registering the audience without the permission to update those clients (fault A1, fault A9)', async () => {
    const user = await aClient(library.server).withEverything().register();
    await user.token(NATIVE, { audience: USED });
    for (const take of takes(team.rest)) {
      const answer = await take();
      expectProblem(answer, 403);
      expect(answer.body.detail).toContain(`Client:${user.id}:update`);
    }
    const both = await aCaller(library.server, 'Resource:team:update', `Client:${user.id}:update`);
    expect((await both.rest.patch('/Resource/team', { audience: USED })).status).toBe(200);
    expect((await both.rest.patch('/Resource/team', { audience: TEAM })).status).toBe(200);
    const [unlisted] = takes(team.rest);
    if (unlisted) expectProblem(await unlisted(), 403);
    const list = { auth: { client_credentials: { audience: ['urn:else'] } } };
    expect((await root.patch(`/Client/${user.id}`, list)).status).toBe(200);
    // Its tokens for the audience live on, whatever it may request now.
    for (const take of takes(team.rest)) expectProblem(await take(), 403);
    expect((await root.delete(`/Session?client=${user.id}`)).status).toBe(204);
    for (const take of takes(team.rest)) expect((await take()).status).toBeLessThan(202);
    expect((await team.rest.patch('/Resource/team', { audience: TEAM })).status).toBe(200);
    expect((await team.rest.delete('/Resource/fresh')).status).toBe(204);
  });

  it('rejects registering another spelling of the audience without that permission (fault A1, fault A9)', async () => {
    const user = await aClient(library.server).withEverything().register();
    await user.token(NATIVE, { audience: 'HTTPS://Wages.example:443' });
    const listing = await aClient(library.server)
      .withTokens({ audience: ['URN:wages'] })
      .register();
    const spellings = [
      [user.id, { audience: 'https://wages.example/' }],
      [user.id, { audience: TEAM, uri: 'https://wages.example' }],
      [listing.id, { audience: 'urn:wages' }],
    ] as const;
    for (const [id, members] of spellings) {
      const answer = await team.rest.patch('/Resource/team', members);
      expectProblem(answer, 403);
      expect(answer.body.detail).toContain(`Client:${id}:update`);
      const both = await aCaller(library.server, 'Resource:team:update', `Client:${id}:update`);
      expect((await both.rest.patch('/Resource/team', members)).status).toBe(200);
      expect((await root.patch('/Resource/team', { audience: TEAM, uri: null })).status).toBe(200);
    }
  });

  it('lets the only client that uses the audience, without a scope, register it (fault A9)', async () => {
    const own = await aClient(library.server)
      .with({ grant_types: ['basic', 'client_credentials'] })
      .withEverything()
      .register();
    const id = `${own.id}-writes`;
    const rules = [allow('Resource', 'mine', 'create', 'delete')];
    await register(library.server, 'AccessPolicy', id, { engine: 'rules', link: linkTo(own.id), rules });
    await own.token(NATIVE, { audience: 'https://mine.example' });
    const mine = { audience: 'https://mine.example' };
    const token = await own.token(NATIVE, { scope: 'Resource:mine:create' });
    expectProblem(await admin(library.server, bearer(token)).put('/Resource/mine', mine), 403);
    expect((await admin(library.server, own.basic).put('/Resource/mine', mine)).status).toBe(201);
    expect((await admin(library.server, own.basic).delete('/Resource/mine')).status).toBe(204);
  });

  it('rejects the audience as the id of a new client without the permission to update its users (fault A4, fault A9)', async () => {
    const user = await aClient(library.server).withEverything().register();
    await user.token(NATIVE, { audience: 'ledger' });
    const creator = await aCaller(library.server, 'Client:ledger:create');
    expectProblem(await creator.rest.put('/Client/ledger', { secret: 'my-own-secret' }), 403);
    const both = await aCaller(library.server, 'Client:ledger:create', `Client:${user.id}:update`);
    expect((await both.rest.put('/Client/ledger', { secret: 'my-own-secret' })).status).toBe(201);
    await root.delete('/Client/ledger');
  });

  it('rejects unregistering the audience of a resource that is completely denied to one of its users (fault A9)', async () => {
    const denied = await aClient(library.server).withEverything().register();
    await register(library.server, 'AccessPolicy', `${denied.id}-deny`, {
      engine: 'rules',
      link: linkTo(denied.id),
      rules: [deny('team', '*', '*')],
    });
    expectProblem(await team.rest.patch('/Resource/team', { audience: 'urn:team-3' }), 403);
    expect((await team.rest.patch('/Resource/team', { name: 'The team' })).status).toBe(200);
    expect((await root.patch('/Resource/team', { audience: 'urn:team-3' })).status).toBe(200);
    await root.delete(`/AccessPolicy/${denied.id}-deny`);
    expect((await team.rest.patch('/Resource/team', { audience: TEAM })).status).toBe(200);
  });
});

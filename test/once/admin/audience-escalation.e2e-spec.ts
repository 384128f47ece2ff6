import { beforeAll, describe, expect, it } from 'vitest';
import { OWN_TYPES } from '../../../packages/protocol/src/own-type.js';
import { expectProblem } from '../../admin/answers.js';
import { aCaller, allow, type Caller, deny, linkTo, withToken } from '../../admin/callers.js';
import { type Admin, admin } from '../../support/admin.js';
import { NATIVE } from '../../support/dialects.js';
import type { Answer } from '../../support/http.js';
import { LIBRARY, useLibrary } from '../../support/library.js';
import { aClient, aResource, register } from '../../support/registration.js';
import type { TestServer } from '../../support/server.js';

const PAYROLL = 'https://payroll.example';
const listing = (...audience: string[]) => ({ auth: { client_credentials: { audience } } });
const WITHOUT_LIST = { auth: null };

/** A caller with the engine `allow` and these rules, with this audience list if there is one. */
async function anAllowedCaller(server: TestServer, rules: object[], audience?: string[]): Promise<Caller> {
  const client = await aClient(server)
    .with({ grant_types: ['basic', 'client_credentials'] })
    .withTokens(audience ? { audience } : {})
    .withEverything()
    .register();
  const link = linkTo(client.id);
  await register(server, 'AccessPolicy', `${client.id}-writes`, { engine: 'rules', link, rules });
  return { id: client.id, client, rest: admin(server, client.basic) };
}

describe('Unregistered audiences are held by a caller', () => {
  const library = useLibrary();
  const CLIENTS_AND_POLICIES = [
    allow('Client', '*', 'create', 'update', 'delete', 'rotate'),
    allow('AccessPolicy', '*', 'create', 'update'),
  ];
  /** What gives or takes an unregistered audience. */
  const GIFTS: [string, (rest: Admin, id: string, receiver: string) => Promise<Answer>][] = [
    ['lists one for a new client', (rest) => rest.post('/Client', listing(PAYROLL))],
    [
      'grants the engine allow',
      (rest, _, receiver) => rest.post('/AccessPolicy', { engine: 'allow', link: linkTo(receiver) }),
    ],
    ['rotates the secret of an allow client', (rest, id) => rest.post(`/Client/${id}/$rotate-secret`, {})],
    [
      'sets the secret of an allow client',
      (rest, id) => rest.patch(`/Client/${id}`, { secret: 'long-enough-1' }),
    ],
    ['deletes an allow client', (rest, id) => rest.delete(`/Client/${id}`)],
  ];

  it.each(GIFTS)('rejects a caller with *:*:*, or with a scope, that %s (fault A9)', async (_, gift) => {
    const { server } = library;
    const allowed = await aClient(server).withEverything().register();
    const receiver = await aClient(server).register();
    const everything = await aCaller(server, '*:*:*', 'Client:*:*', 'AccessPolicy:*:*');
    expectProblem(await gift(everything.rest, allowed.id, receiver.id), 403);
    const whole = await aCaller(server, '*:*:*', ...OWN_TYPES.map((type) => `${type}:*:*`));
    const scope = '*:*:* Client:*:* AccessPolicy:*:*';
    const scoped = withToken(server, await whole.client.token(NATIVE, { scope }));
    expectProblem(await gift(scoped, allowed.id, receiver.id), 403);
    const listed = await anAllowedCaller(server, CLIENTS_AND_POLICIES, [library.own, LIBRARY]);
    expectProblem(await gift(listed.rest, allowed.id, receiver.id), 403);
  });

  it.each(GIFTS)(
    'lets an allow client, and an administrator of the whole server, that %s (fault A9)',
    async (_, gift) => {
      const { server } = library;
      const callers = [
        await anAllowedCaller(server, CLIENTS_AND_POLICIES),
        await aCaller(server, '*:*:*', ...OWN_TYPES.map((type) => `${type}:*:*`)),
      ];
      for (const { rest } of callers) {
        const allowed = await aClient(server).withEverything().register();
        const receiver = await aClient(server).register();
        expect((await gift(rest, allowed.id, receiver.id)).status).toBeLessThan(205);
      }
    },
  );

  it('rejects removing the list of an allow client by a caller that lists as much (fault A4, fault A9)', async () => {
    const { server } = library;
    const bound = await aClient(server)
      .withTokens({ audience: [PAYROLL] })
      .withEverything()
      .register();
    const same = await anAllowedCaller(server, CLIENTS_AND_POLICIES, [PAYROLL]);
    expectProblem(await same.rest.patch(`/Client/${bound.id}`, WITHOUT_LIST), 403);
    expectProblem(await same.rest.patch(`/Client/${same.id}`, WITHOUT_LIST), 403);
    expect((await same.rest.patch(`/Client/${bound.id}`, { secret: 'long-enough-2' })).status).toBe(200);
    const free = await anAllowedCaller(server, CLIENTS_AND_POLICIES);
    expect((await free.rest.patch(`/Client/${bound.id}`, WITHOUT_LIST)).status).toBe(200);
  });
});

describe("The caller's own audience list", () => {
  const library = useLibrary();

  it('bounds the audiences of clients and policies that it writes (fault A2, fault A4)', async () => {
    const { server, own } = library;
    const rules = ['Client:*:*', 'AccessPolicy:*:create', 'book:*:*', 'map:*:*'];
    const bound = await aCaller(server, ...rules);
    const list = listing(own, LIBRARY);
    expect((await admin(server).patch(`/Client/${bound.id}`, list)).status).toBe(200);
    const receiver = await aClient(server).register();
    const policy = (resource: string) => ({
      engine: 'rules',
      link: linkTo(receiver.id),
      rules: [allow(resource, '1', '*')],
    });
    expectProblem(await bound.rest.post('/AccessPolicy', policy('map')), 403);
    expect((await bound.rest.post('/AccessPolicy', policy('book'))).status).toBe(201);
    const reader = await aClient(server).withGrant('map:1:zoom').register();
    expectProblem(await bound.rest.patch(`/Client/${reader.id}`, { secret: 'long-enough-3' }), 403);
    expect((await admin(server).patch(`/Client/${reader.id}`, list)).status).toBe(200);
    expect((await bound.rest.patch(`/Client/${reader.id}`, { secret: 'long-enough-3' })).status).toBe(200);
    expectProblem(await bound.rest.patch(`/Client/${reader.id}`, WITHOUT_LIST), 403);
  });
});

describe('With LATCHKEY_UNREGISTERED_AUDIENCE=allow', () => {
  const library = useLibrary({ env: { LATCHKEY_UNREGISTERED_AUDIENCE: 'allow' } });
  let bound: Caller;

  beforeAll(async () => {
    const { server, own } = library;
    bound = await aCaller(server, 'Client:*:*', 'Resource:wages:*');
    expect((await admin(server).patch(`/Client/${bound.id}`, listing(own, LIBRARY))).status).toBe(200);
  });

  it('rejects a client without a list by a caller with one (fault A4, fault A9)', async () => {
    const { server, own } = library;
    expectProblem(await bound.rest.post('/Client', { grant_types: ['client_credentials'] }), 403);
    const made = await bound.rest.post('/Client', listing(own));
    expect(made.status, made.text).toBe(201);
    expectProblem(await bound.rest.patch(`/Client/${made.body.id}`, WITHOUT_LIST), 403);
    const widened = { auth: { client_credentials: { audience: [own, PAYROLL] } } };
    expectProblem(await bound.rest.patch(`/Client/${made.body.id}`, widened), 403);
    const free = await aClient(server).register();
    expectProblem(await bound.rest.post(`/Client/${free.id}/$rotate-secret`, {}), 403);
    const unbound = await aCaller(server, 'Client:*:*');
    expect((await unbound.rest.post('/Client', { grant_types: ['client_credentials'] })).status).toBe(201);
  });

  it('rejects unregistering an audience, which opens it to all, by a caller with a list (fault A9)', async () => {
    const { server } = library;
    await aResource(server, 'wages', ['read'], { audience: 'urn:wages' });
    expectProblem(await bound.rest.delete('/Resource/wages'), 403);
    expectProblem(await bound.rest.patch('/Resource/wages', { audience: 'urn:wages-2' }), 403);
    const holder = await aCaller(server, 'Resource:wages:*', '*:*:*');
    expect((await holder.rest.delete('/Resource/wages')).status).toBe(204);
  });
});

describe('A client that is denied a whole audience', () => {
  const library = useLibrary();
  const AUDIENCE = 'urn:h';

  /** A caller that may write both resources, and a client that is denied all of h. */
  async function aWorld(...rules: string[]) {
    const { server } = library;
    const root = admin(server);
    for (const id of ['decoy', 'h']) await root.delete(`/Resource/${id}`);
    await aResource(server, 'h', ['read'], { audience: AUDIENCE });
    const denied = await aClient(server).withEverything().register();
    const policy = { engine: 'rules', link: linkTo(denied.id), rules: [deny('h', '*', 'read')] };
    const denying = `${denied.id}-deny`;
    await register(server, 'AccessPolicy', denying, policy);
    const writer = await aCaller(server, 'Resource:h:*', 'Resource:decoy:*', ...rules);
    const ask = async () => (await denied.ask(NATIVE, { audience: AUDIENCE })).status;
    expect(await ask()).toBe(400);
    return { root, rest: writer.rest, ask, clear: () => root.delete(`/AccessPolicy/${denying}`) };
  }

  it('gains it by no write of a caller that cannot have it (fault A1, fault A9)', async () => {
    const { rest, ask, clear } = await aWorld();
    const bare = { audience: AUDIENCE, operations: [] };
    expectProblem(await rest.put('/Resource/decoy', bare), 403);
    for (const change of [{ audience: 'urn:h2' }, { operations: [] }]) {
      expectProblem(await rest.patch('/Resource/h', change), 403);
    }
    expectProblem(await rest.delete('/Resource/h'), 403);
    expectProblem(await rest.put('/Resource/decoy', { ...bare, operations: [{ name: 'look' }] }), 403);
    expect(await ask()).toBe(400);
    await clear();
  });

  it('gains it by the write of a caller that can have it (fault A1)', async () => {
    const { rest, root, ask, clear } = await aWorld('h:*:*');
    const joined = { audience: AUDIENCE, operations: [{ name: 'look' }] };
    const answer = await rest.put('/Resource/decoy', joined);
    expect(answer.status, answer.text).toBe(201);
    expect(await ask()).toBe(200);
    expect((await root.delete('/Resource/decoy')).status).toBe(204);
    await clear();
  });

  it('is not the caller itself (fault A9)', async () => {
    const { server } = library;
    const rules = [allow('Resource', 'h', '*'), deny('h', '*', '*')];
    await aWorld();
    const self = await anAllowedCaller(server, rules);
    expectProblem(await self.rest.delete('/Resource/h'), 403);
    const listed = await anAllowedCaller(server, rules, [AUDIENCE]);
    expectProblem(await listed.rest.delete('/Resource/h'), 403);
  });
});

describe('A resource that moves into a listed audience', () => {
  const library = useLibrary();
  const RIGHTS = ['Resource:sec:*', 'Resource:mine:*', 'mine:*:*'];

  beforeAll(async () => {
    const { server } = library;
    await aResource(server, 'sec', ['read'], { audience: 'urn:s' });
    await aResource(server, 'mine', ['read'], { audience: 'urn:mine' });
    await aClient(server)
      .withTokens({ audience: ['urn:mine'] })
      .withGrant('sec:1:read')
      .register();
  });

  it('requires holding what its list kept from the client, also from the caller itself (fault A2)', async () => {
    const { server, own } = library;
    const without = await aCaller(server, ...RIGHTS);
    const bound = await aCaller(server, ...RIGHTS, 'sec:*:*');
    const list = listing(own, 'urn:mine');
    expect((await admin(server).patch(`/Client/${bound.id}`, list)).status).toBe(200);
    for (const { rest } of [without, bound]) {
      const answer = await rest.patch('/Resource/sec', { audience: 'urn:mine' });
      expectProblem(answer, 403);
      expect(answer.body.detail).toContain('but not urn:s');
    }
    const ask = { audience: 'urn:mine', scope: 'sec:1:read' };
    expect((await bound.client.ask(NATIVE, ask)).status).toBe(400);
  });

  it('is permitted to a caller that holds what the clients gain (fault A2)', async () => {
    const { server } = library;
    await aClient(server)
      .withTokens({ audience: ['urn:mine'] })
      .register();
    const holder = await aCaller(server, ...RIGHTS, 'sec:*:*');
    const moved = await holder.rest.patch('/Resource/sec', { audience: 'urn:mine' });
    expect(moved.status, moved.text).toBe(200);
    expect((await admin(server).patch('/Resource/sec', { audience: 'urn:s' })).status).toBe(200);
  });

  it('rejects listing its audience for a client by a caller that cannot have it (fault A9)', async () => {
    const { server } = library;
    const maker = await aCaller(server, 'Client:*:*');
    expectProblem(await maker.rest.post('/Client', listing('urn:s')), 403);
    const made = await maker.rest.post('/Client', { grant_types: ['client_credentials'] });
    expect(made.status, made.text).toBe(201);
    expectProblem(await maker.rest.patch(`/Client/${made.body.id}`, listing('urn:s')), 403);
    const owner = await aCaller(server, 'Resource:sec:*', 'sec:*:*', 'Client:*:*');
    const left = await owner.rest.patch('/Resource/sec', { audience: 'urn:s2' });
    expect(left.status, left.text).toBe(200);
    expect((await owner.rest.patch('/Resource/sec', { audience: 'urn:s' })).status).toBe(200);
    expect((await owner.rest.post('/Client', listing('urn:s'))).status).toBe(201);
  });
});

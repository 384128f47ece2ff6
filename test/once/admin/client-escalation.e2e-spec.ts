import { beforeAll, describe, expect, it } from 'vitest';
import { expectProblem } from '../../admin/answers.js';
import { aCaller, type Caller, linkTo } from '../../admin/callers.js';
import { type Admin, admin } from '../../support/admin.js';
import { useLibrary } from '../../support/library.js';
import { aClient, register, type TestClient } from '../../support/registration.js';

const library = useLibrary();
let root: Admin;
/** May do everything with clients, and holds book. */
let keeper: Caller;
let strong: TestClient;
let weak: TestClient;

const HELD = ['Client:*:*', 'book:*:*'];

beforeAll(async () => {
  root = admin(library.server);
  keeper = await aCaller(library.server, ...HELD);
  const grants = { grant_types: ['client_credentials'] };
  strong = await aClient(library.server).with(grants).withGrant('book:1:read', 'diary:1:read').register();
  weak = await aClient(library.server).with(grants).withGrant('book:1:read').register();
});

type Change = (rest: Admin, id: string) => Promise<{ status: number; text: string }>;
const patch =
  (members: object): Change =>
  (rest, id) =>
    rest.patch(`/Client/${id}`, members);

const CHANGES: [string, Change][] = [
  ['its secret', patch({ secret: 'my-own-secret' })],
  ['its secrets, to none', patch({ secret: null })],
  ['its grant types, to another', patch({ grant_types: ['basic'] })],
  ['its grant types, to none', patch({ grant_types: [] })],
  ['active', patch({ active: false })],
  ['its authentication method', patch({ token_endpoint_auth_method: 'client_secret_post' })],
  [
    'its secret, by PUT',
    (rest, id) => rest.put(`/Client/${id}`, { grant_types: ['client_credentials'], secret: 'my-own-secret' }),
  ],
  ['its grant types, by leaving them out of PUT', (rest, id) => rest.put(`/Client/${id}`, {})],
  ['its secret, by $rotate-secret', (rest, id) => rest.post(`/Client/${id}/$rotate-secret`)],
  ['whether it is there', (rest, id) => rest.delete(`/Client/${id}`)],
];

describe('Callers with fewer privileges than a client', () => {
  it.each(CHANGES)('rejects changing %s', async (_, change) => {
    const before = (await root.get(`/Client/${strong.id}`)).body;
    const answer = await change(keeper.rest, strong.id);
    expect(answer.status, answer.text).toBe(403);
    const after = (await root.get(`/Client/${strong.id}`)).body;
    expect({ ...after, secrets: before.secrets, last_uses: before.last_uses }).toEqual(before);
    expect(after.secrets).toHaveLength(before.secrets.length);
  });

  it.each(CHANGES)('rejects changing %s of the first administrator', async (_, change) => {
    expect((await change(keeper.rest, 'root')).status).toBe(403);
    expect((await root.get('/Client')).status).toBe(200);
  });

  it.each([
    ['the audiences it may ask for', { auth: { client_credentials: { audience: ['urn:library'] } } }],
    ['the lifetime of its tokens', { auth: { client_credentials: { access_token_expiration: 1 } } }],
    ['their older lifetime', { auth: { client_credentials: { token_expiration: 1 } } }],
    ['the format of its tokens', { auth: { client_credentials: { token_format: 'opaque' } } }],
    ['their algorithm', { auth: { client_credentials: { signing_alg: 'EdDSA' } } }],
    ['their profile', { auth: { client_credentials: { profile: 'classic' } } }],
    ['whether it refreshes', { auth: { client_credentials: { refresh_token: true } } }],
    ['how long it refreshes', { auth: { client_credentials: { refresh_token_expiration: 1 } } }],
    ['its grace', { auth: { client_credentials: { refresh_token_reuse_grace: 300 } } }],
    ['its quota', { token_quota: { per_hour: 1 } }],
  ])('rejects changing %s (fault A4)', async (_, members) => {
    for (const id of [strong.id, 'root']) {
      const before = (await root.get(`/Client/${id}`)).body;
      expectProblem(await keeper.rest.patch(`/Client/${id}`, members), 403);
      const put = { grant_types: before.grant_types, ...members };
      expectProblem(await keeper.rest.put(`/Client/${id}`, put), 403);
      expect((await root.get(`/Client/${id}`)).body).toEqual({
        ...before,
        secrets: expect.anything(),
        ...(before.last_uses ? { last_uses: expect.anything() } : {}),
      });
    }
    const own = await keeper.rest.patch(`/Client/${weak.id}`, members);
    expect(own.status, own.text).toBe(200);
    await root.put(`/Client/${weak.id}`, { grant_types: ['client_credentials'] });
  });

  it("lets a caller change the client's name", async () => {
    expect((await keeper.rest.patch(`/Client/${strong.id}`, { name: 'x' })).status).toBe(200);
    const same = { grant_types: ['client_credentials'], active: true };
    expect((await keeper.rest.put(`/Client/${strong.id}`, same)).status).toBe(200);
  });

  it('rejects enabling the client again (A08, ASVS 8.2.1, CVE-2026-9705)', async () => {
    const disabled = await aClient(library.server)
      .with({ active: false })
      .withGrant('diary:1:read')
      .register();
    expectProblem(await keeper.rest.patch(`/Client/${disabled.id}`, { active: true }), 403);
    expect((await root.get(`/Client/${disabled.id}`)).body.active).toBe(false);
  });
});

describe('Callers with all privileges of a client', () => {
  it.each(CHANGES)('lets a caller change %s', async (what, change) => {
    const client = await aClient(library.server).withGrant('book:1:read', 'book:*:write').register();
    const answer = await change(keeper.rest, client.id);
    expect(answer.status, `${what}: ${answer.text}`).toBeLessThan(205);
  });

  it('lets the client change itself', async () => {
    const self = await aCaller(library.server, 'Client:*:*', 'book:*:*', '!book:2:read');
    const answer = await self.rest.post(`/Client/${self.id}/$rotate-secret`);
    expect(answer.status, answer.text).toBe(200);
  });
});

describe('Creating clients', () => {
  it('rejects a new client that would hold more by policies for everyone than its author (fault A4)', async () => {
    await register(library.server, 'AccessPolicy', 'public', {
      engine: 'rules',
      everyone: true,
      rules: [{ effect: 'allow', resource: 'map', identifier: '*', operations: ['zoom'] }],
    });
    const denied = await aCaller(library.server, 'Client:*:*', '!map:1:zoom');
    expectProblem(await denied.rest.post('/Client', { grant_types: ['client_credentials'] }), 403);
    expectProblem(await denied.rest.put('/Client/twin', { secret: 'my-own-secret' }), 403);
    const made = await keeper.rest.post('/Client', { grant_types: ['client_credentials', 'basic'] });
    expect(made.status, made.text).toBe(201);
    await root.delete('/AccessPolicy/public');
  });

  it('rejects a new client that lists an unregistered audience its author could not request (fault A4)', async () => {
    const auth = { client_credentials: { audience: ['https://payroll.example'] } };
    expectProblem(await keeper.rest.post('/Client', { auth }), 403);
    expectProblem(await keeper.rest.patch(`/Client/${weak.id}`, { auth }), 403);
    const registered = { client_credentials: { audience: ['urn:library'] } };
    expect((await keeper.rest.post('/Client', { auth: registered })).status).toBe(201);
  });

  it('rejects an id that other clients list as an audience (fault A4)', async () => {
    const auth = { client_credentials: { audience: ['payroll'] } };
    const lister = await aClient(library.server).with({ auth }).register();
    const creator = await aCaller(library.server, 'Client:payroll:create');
    expectProblem(await creator.rest.put('/Client/payroll', { secret: 'my-own-secret' }), 403);
    expect((await root.delete(`/Client/${lister.id}`)).status).toBe(204);
    expect((await creator.rest.put('/Client/payroll', { secret: 'my-own-secret' })).status).toBe(201);
  });
});

describe('Privileges of a client', () => {
  it('includes the tokens that the client may introspect (fault A4)', async () => {
    const api = await aClient(library.server).register();
    await root.patch('/Resource/map', { introspection_clients: linkTo(api.id) });
    expectProblem(await keeper.rest.patch(`/Client/${api.id}`, { secret: 'my-own-secret' }), 403);
    const owner = await aCaller(library.server, 'Client:*:*', 'Resource:map:update');
    expect((await owner.rest.patch(`/Client/${api.id}`, { secret: 'my-own-secret' })).status).toBe(200);
    await root.patch('/Resource/map', { introspection_clients: null });
  });

  it('includes what the client holds by the engine allow', async () => {
    const client = await aClient(library.server).withEverything().register();
    expectProblem(await keeper.rest.patch(`/Client/${client.id}`, { secret: 'my-own-secret' }), 403);
    // The engine also permits every unregistered audience.
    const all = await aCaller(library.server, 'Client:*:*', '*:*:*');
    expectProblem(await all.rest.patch(`/Client/${client.id}`, { secret: 'my-own-secret' }), 403);
    const link = linkTo(all.id);
    await register(library.server, 'AccessPolicy', `${all.id}-all`, { engine: 'allow', link });
    expect((await all.rest.patch(`/Client/${client.id}`, { secret: 'my-own-secret' })).status).toBe(200);
  });

  it('includes its quota, compared with that of the caller (fault A4)', async () => {
    const bound = await aCaller(library.server, 'Client:*:*');
    const limit = (quota: object | null) => root.patch(`/Client/${bound.id}`, { token_quota: quota });
    expect((await limit({ per_hour: 10 })).status).toBe(200);
    const grants = { grant_types: ['client_credentials'] };
    for (const token_quota of [
      undefined,
      { per_day: 10 },
      { per_hour: 11 },
      { per_hour: 1, enforce: false },
    ]) {
      expectProblem(await bound.rest.post('/Client', { ...grants, token_quota }), 403);
    }
    for (const token_quota of [null, { per_hour: null, per_day: 10 }, { per_hour: 11 }, { enforce: false }]) {
      expectProblem(await bound.rest.patch(`/Client/${bound.id}`, { token_quota }), 403);
    }
    expect((await bound.rest.patch(`/Client/${bound.id}`, { token_quota: { per_hour: 9 } })).status).toBe(
      200,
    );
    expect((await limit({ per_hour: 10, enforce: false })).status).toBe(200);
    const made = await bound.rest.post('/Client', { ...grants, token_quota: { per_hour: 10 } });
    expect(made.status, made.text).toBe(201);
    expect((await bound.rest.patch(`/Client/${made.body.id}`, { token_quota: null })).status).toBe(200);
  });

  it('rejects a second client with a quota of its own by a caller with a quota (fault A4)', async () => {
    const bound = await aCaller(library.server, 'Client:*:*', 'TrustedIssuer:*:*');
    expect((await root.patch(`/Client/${bound.id}`, { token_quota: { per_day: 10 } })).status).toBe(200);
    const workloads = {
      issuer: 'https://workloads.example',
      jwks: { keys: [] },
      admits: [{ subject: 'agent-*', template: bound.id }],
    };
    const other = await aClient(library.server)
      .with({ token_quota: { per_day: 1 } })
      .register();
    const small = { grant_types: ['client_credentials'], token_quota: { per_day: 1 } };
    for (const answer of [
      await bound.rest.post('/Client', small),
      await bound.rest.patch(`/Client/${other.id}`, { secret: 'my-own-secret' }),
      await bound.rest.post(`/Client/${other.id}/$rotate-secret`, {}),
      await bound.rest.delete(`/Client/${other.id}`),
      await bound.rest.put('/TrustedIssuer/workloads', workloads),
    ]) {
      expectProblem(answer, 403);
      expect(answer.body.detail).toContain('the caller has a token quota');
    }
    expect((await bound.rest.patch(`/Client/${other.id}`, { name: 'x' })).status).toBe(200);
    expect((await bound.rest.post(`/Client/${bound.id}/$rotate-secret`, {})).status).toBe(200);
  });

  it('includes all of its policies, with those for everyone on both sides', async () => {
    await register(library.server, 'AccessPolicy', 'second', {
      engine: 'rules',
      link: linkTo(weak.id),
      rules: [{ effect: 'allow', resource: 'map', identifier: '1', operations: ['zoom'] }],
    });
    expectProblem(await keeper.rest.patch(`/Client/${weak.id}`, { secret: 'my-own-secret' }), 403);
    await root.patch('/AccessPolicy/second', { link: null, everyone: true });
    expect((await keeper.rest.patch(`/Client/${weak.id}`, { secret: 'my-own-secret' })).status).toBe(200);
    await root.delete('/AccessPolicy/second');
  });

  it('includes administration, which * does not cover', async () => {
    const client = await aClient(library.server).withGrant('Resource:*:read').register();
    const all = await aCaller(library.server, 'Client:*:*', '*:*:*');
    expectProblem(await all.rest.patch(`/Client/${client.id}`, { secret: 'my-own-secret' }), 403);
    expectProblem(await all.rest.delete(`/Client/${client.id}`), 403);
  });

  it("exceeds the caller's where only the caller is denied something", async () => {
    const denied = await aCaller(library.server, 'Client:*:*', 'book:*:*', '!book:1:read');
    const reader = await aClient(library.server).withGrant('book:1:read').register();
    expectProblem(await denied.rest.patch(`/Client/${reader.id}`, { secret: 'my-own-secret' }), 403);
    const same = await aClient(library.server).withGrant('book:*:*', '!book:1:read').register();
    expect((await denied.rest.patch(`/Client/${same.id}`, { secret: 'my-own-secret' })).status).toBe(200);
  });

  it('is evaluated at the time of the write', async () => {
    const client = await aClient(library.server).withGrant('book:1:read').register();
    expect((await keeper.rest.patch(`/Client/${client.id}`, { secret: 'my-own-secret' })).status).toBe(200);
    await root.put(`/AccessPolicy/${client.id}`, { engine: 'allow', link: linkTo(client.id) });
    expectProblem(await keeper.rest.patch(`/Client/${client.id}`, { secret: 'my-other-secret' }), 403);
  });
});

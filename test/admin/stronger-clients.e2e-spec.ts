import { beforeAll, describe, expect, it } from 'vitest';
import { type Admin, admin } from '../support/admin.js';
import { useLibrary } from '../support/library.js';
import { aClient, register, type TestClient } from '../support/registration.js';
import { expectProblem } from './answers.js';
import { aCaller, type Caller, linkTo } from './callers.js';

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

describe('Who does not hold all that a client holds', () => {
  it.each(CHANGES)('may not change %s', async (_, change) => {
    const before = (await root.get(`/Client/${strong.id}`)).body;
    const answer = await change(keeper.rest, strong.id);
    expect(answer.status, answer.text).toBe(403);
    const after = (await root.get(`/Client/${strong.id}`)).body;
    expect({ ...after, secrets: before.secrets }).toEqual(before);
    expect(after.secrets).toHaveLength(before.secrets.length);
  });

  it.each(CHANGES)('may not change %s of the first administrator', async (_, change) => {
    expect((await change(keeper.rest, 'root')).status).toBe(403);
    expect((await root.get('/Client')).status).toBe(200);
  });

  it('may change its name and its tokens', async () => {
    const auth = { client_credentials: { access_token_expiration: 60 } };
    expect((await keeper.rest.patch(`/Client/${strong.id}`, { name: 'x', auth })).status).toBe(200);
    const same = { grant_types: ['client_credentials'], active: true };
    expect((await keeper.rest.put(`/Client/${strong.id}`, same)).status).toBe(200);
  });

  it('A08 may not enable it again (ASVS 8.2.1; CVE-2026-9705)', async () => {
    const disabled = await aClient(library.server)
      .with({ active: false })
      .withGrant('diary:1:read')
      .register();
    expectProblem(await keeper.rest.patch(`/Client/${disabled.id}`, { active: true }), 403);
    expect((await root.get(`/Client/${disabled.id}`)).body.active).toBe(false);
  });
});

describe('Who holds all that a client holds', () => {
  it.each(CHANGES)('may change %s', async (what, change) => {
    const client = await aClient(library.server).withGrant('book:1:read', 'book:*:write').register();
    const answer = await change(keeper.rest, client.id);
    expect(answer.status, `${what}: ${answer.text}`).toBeLessThan(205);
  });

  it('may be the client itself', async () => {
    const self = await aCaller(library.server, 'Client:*:*', 'book:*:*', '!book:2:read');
    const answer = await self.rest.post(`/Client/${self.id}/$rotate-secret`);
    expect(answer.status, answer.text).toBe(200);
  });
});

describe('What a client holds', () => {
  it('counts what it holds by allow', async () => {
    const client = await aClient(library.server).withEverything().register();
    expectProblem(await keeper.rest.patch(`/Client/${client.id}`, { secret: 'my-own-secret' }), 403);
    const all = await aCaller(library.server, 'Client:*:*', '*:*:*');
    expect((await all.rest.patch(`/Client/${client.id}`, { secret: 'my-own-secret' })).status).toBe(200);
  });

  it('counts all of its policies, and those for everyone on both sides', async () => {
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

  it('counts administration, which * does not cover', async () => {
    const client = await aClient(library.server).withGrant('Resource:*:read').register();
    const all = await aCaller(library.server, 'Client:*:*', '*:*:*');
    expectProblem(await all.rest.patch(`/Client/${client.id}`, { secret: 'my-own-secret' }), 403);
    expectProblem(await all.rest.delete(`/Client/${client.id}`), 403);
  });

  it('is more than the caller’s where the caller is denied what it is not', async () => {
    const denied = await aCaller(library.server, 'Client:*:*', 'book:*:*', '!book:1:read');
    const reader = await aClient(library.server).withGrant('book:1:read').register();
    expectProblem(await denied.rest.patch(`/Client/${reader.id}`, { secret: 'my-own-secret' }), 403);
    const same = await aClient(library.server).withGrant('book:*:*', '!book:1:read').register();
    expect((await denied.rest.patch(`/Client/${same.id}`, { secret: 'my-own-secret' })).status).toBe(200);
  });

  it('is asked at the moment of the write', async () => {
    const client = await aClient(library.server).withGrant('book:1:read').register();
    expect((await keeper.rest.patch(`/Client/${client.id}`, { secret: 'my-own-secret' })).status).toBe(200);
    await root.put(`/AccessPolicy/${client.id}`, { engine: 'allow', link: linkTo(client.id) });
    expectProblem(await keeper.rest.patch(`/Client/${client.id}`, { secret: 'my-other-secret' }), 403);
  });
});

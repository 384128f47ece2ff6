import { beforeEach, describe, expect, it } from 'vitest';
import { expectProblem } from '../../admin/answers.js';
import { allow, deny, linkTo } from '../../admin/callers.js';
import { type Admin, admin } from '../../support/admin.js';
import { useLibrary } from '../../support/library.js';
import { aClient, type TestClient } from '../../support/registration.js';

const library = useLibrary();
let root: Admin;
let second: TestClient;

const WHOLE = ['Client', 'Resource', 'AccessPolicy', 'Session'].map((type) => allow(type, '*', '*'));

beforeEach(async () => {
  root = admin(library.server);
  second = await aClient(library.server)
    .with({ grant_types: ['basic'] })
    .register();
});

const administration = (rules: object[], ...ids: string[]) => ({
  engine: 'rules',
  link: linkTo(...ids),
  rules,
});

/** Everything that would leave no client that may write policies, when `root` is the only one. */
const WAYS: [string, () => Promise<{ status: number; text: string }>][] = [
  ['deleting the last administrator', () => root.delete('/Client/root')],
  ['disabling it', () => root.patch('/Client/root', { active: false })],
  ['giving it an end', () => root.patch('/Client/root', { expires_at: '2099-01-01T00:00:00Z' })],
  ['ending it', () => root.patch('/Client/root', { expires_at: '2001-01-01T00:00:00Z' })],
  ['taking its grant types', () => root.patch('/Client/root', { grant_types: [] })],
  ['leaving its grant types out of PUT', () => root.put('/Client/root', {})],
  ['taking its secrets', () => root.patch('/Client/root', { secret: null })],
  ['taking its secrets by PUT', () => root.put('/Client/root', { grant_types: ['basic'], secret: null })],
  [
    'leaving it Basic alone, and a method that is none',
    () =>
      root.patch('/Client/root', {
        grant_types: ['basic'],
        token_endpoint_auth_method: 'client_secret_post',
      }),
  ],
  [
    'leaving it only tokens, with another administrator',
    () => {
      const auth = { client_credentials: { audience: ['urn:library'] } };
      return root.patch('/Client/root', { grant_types: ['client_credentials'], auth });
    },
  ],
  [
    'giving up Basic, with no audience at all',
    () => {
      const auth = { client_credentials: { audience: [] } };
      return root.patch('/Client/root', { grant_types: ['client_credentials'], auth });
    },
  ],
  ['deleting its policy', () => root.delete('/AccessPolicy/root-administration')],
  [
    'linking its policy to another who cannot come',
    () => root.patch('/AccessPolicy/root-administration', { link: linkTo('none') }),
  ],
  [
    'taking create',
    () =>
      root.patch('/AccessPolicy/root-administration', {
        rules: [allow('AccessPolicy', '*', 'update', 'read', 'delete')],
      }),
  ],
  [
    'taking update',
    () =>
      root.patch('/AccessPolicy/root-administration', {
        rules: [allow('AccessPolicy', '*', 'create', 'read', 'delete')],
      }),
  ],
  [
    'narrowing it to one policy',
    () => root.patch('/AccessPolicy/root-administration', { rules: [allow('AccessPolicy', 'root', '*')] }),
  ],
  [
    'making it allow',
    () => root.patch('/AccessPolicy/root-administration', { engine: 'allow', rules: null }),
  ],
  [
    'a deny rule in it',
    () =>
      root.patch('/AccessPolicy/root-administration', {
        rules: [...WHOLE, deny('AccessPolicy', '*', 'update')],
      }),
  ],
  [
    'a deny rule on one policy in it',
    () =>
      root.patch('/AccessPolicy/root-administration', {
        rules: [...WHOLE, deny('AccessPolicy', 'x', 'update')],
      }),
  ],
  [
    'a deny for everyone',
    () =>
      root.put('/AccessPolicy/denial', {
        engine: 'rules',
        everyone: true,
        rules: [deny('AccessPolicy', '*', 'create')],
      }),
  ],
  [
    'a deny for everyone on one policy',
    () =>
      root.post('/AccessPolicy', {
        engine: 'rules',
        everyone: true,
        rules: [deny('AccessPolicy', 'root', 'update')],
      }),
  ],
  [
    'a deny in a policy of its own',
    () => root.put('/AccessPolicy/denial', administration([deny('AccessPolicy', '*', '*')], 'root')),
  ],
];

describe('Writes that would leave no administrator', () => {
  it.each(WAYS)('rejects a write that leaves no administrator with 409: %s', async (_, write) => {
    await root.put('/Client/none', { active: true });
    const answer = await write();
    expect(answer.status, answer.text).toBe(409);
    expect((await root.get('/AccessPolicy/denial')).status).toBe(404);
    expect(
      (await root.put('/AccessPolicy/still', administration([allow('book', '1', 'read')], 'root'))).status,
    ).toBeLessThan(202);
    expect((await root.get('/Client/root')).body).toMatchObject({ active: true });
  });

  it.each([
    ['has no credential', { secret: null }],
    ['has no grant type', { grant_types: [] }],
    ['is disabled', { active: false }],
  ])('rejects it with 409 when the only other holder of the policy %s', async (_, members) => {
    await root.patch(`/Client/${second.id}`, members);
    await root.put('/AccessPolicy/second', administration(WHOLE, second.id));
    expectProblem(await root.delete('/Client/root'), 409);
    expectProblem(await root.patch('/Client/root', { active: false }), 409);
    expectProblem(await root.delete('/AccessPolicy/root-administration'), 409);
    await root.delete('/AccessPolicy/second');
  });

  it('rejects it with 409 for a policy for everyone, taking denies into account', async () => {
    const everyone = {
      engine: 'rules',
      everyone: true,
      rules: [allow('AccessPolicy', '*', 'create', 'update')],
    };
    await root.put('/AccessPolicy/open', everyone);
    expect((await root.delete('/AccessPolicy/root-administration')).status).toBe(204);
    const denied = { ...everyone, rules: [...everyone.rules, deny('AccessPolicy', 'y', 'create')] };
    const patched = await root.put('/AccessPolicy/open', denied);
    expect([403, 409], patched.text).toContain(patched.status);
    await library.server.restart();
    expect((await root.get('/Client')).status).toBe(200);
    await root.delete('/AccessPolicy/open');
  });

  it('rejects one of two concurrent writes that together would leave none', async () => {
    await root.put('/AccessPolicy/second', administration(WHOLE, second.id));
    const other = admin(library.server, second.basic);
    const answers = await Promise.all([
      root.put(`/AccessPolicy/second`, administration([allow('book', '1', 'read')], second.id)),
      other.delete('/AccessPolicy/root-administration'),
    ]);
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status < 300).length, String(statuses)).toBeLessThan(2);
    const alive = await Promise.all([root, other].map((rest) => rest.get('/AccessPolicy')));
    expect(alive.map(({ status }) => status)).toContain(200);
    await library.server.restart();
    await root.delete('/AccessPolicy/second');
  });
});

describe('Writes that leave another administrator', () => {
  it('lets the last administrator hand over and delete itself', async () => {
    await root.put('/AccessPolicy/second', administration(WHOLE, second.id));
    const other = admin(library.server, second.basic);
    expect((await root.patch('/Client/root', { active: false })).status).toBe(200);
    expectProblem(await root.get('/Client'), 401);
    expectProblem(await other.patch(`/Client/${second.id}`, { active: false }), 409);
    expectProblem(await other.delete('/AccessPolicy/second'), 409);
    await library.server.restart();
    expect((await root.get('/Client')).status).toBe(200);
    expect((await other.delete('/AccessPolicy/second')).status).toBe(204);
  });

  it('accepts an administrator whose create and update come from two policies', async () => {
    const policy = (operation: string) => administration([allow('AccessPolicy', '*', operation)], second.id);
    await root.put('/AccessPolicy/half-1', policy('create'));
    expectProblem(await root.delete('/AccessPolicy/root-administration'), 409);
    await root.put('/AccessPolicy/half-2', policy('update'));
    expect((await root.delete('/AccessPolicy/root-administration')).status).toBe(204);
    await library.server.restart();
    for (const id of ['half-1', 'half-2'])
      expect((await root.delete(`/AccessPolicy/${id}`)).status).toBe(204);
  });
});

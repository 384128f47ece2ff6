import { beforeAll, describe, expect, it } from 'vitest';
import { expectProblem } from '../../admin/answers.js';
import { aCaller, deny, linkTo } from '../../admin/callers.js';
import { type Admin, admin } from '../../support/admin.js';
import { useLibrary } from '../../support/library.js';
import { query } from '../../support/query.js';
import { aClient, register, type TestClient } from '../../support/registration.js';

const library = useLibrary();
let root: Admin;
let excepted: TestClient;
let made = 0;

beforeAll(async () => {
  root = admin(library.server);
});

const rule = deny('book', '1', 'read');

/** A deny for everyone that leaves out a client and root, as starts of the server write it for administrators. */
async function aDenyExceptFor(id: string): Promise<string> {
  const policy = `deny-${++made}`;
  await register(library.server, 'AccessPolicy', policy, { engine: 'rules', everyone: true, rules: [rule] });
  for (const client of [id, 'root']) {
    await query(library.server, 'INSERT INTO policy_client (policy_id, client_id) VALUES (?, ?)', [
      policy,
      client,
    ]);
  }
  // Another write shows the server that its policies have changed.
  await root.patch(`/AccessPolicy/${policy}`, { rules: [rule, deny('book', '2', 'read')] });
  await root.patch(`/AccessPolicy/${policy}`, { rules: [rule] });
  return policy;
}

const isGranted = async (client: string) => {
  const { body } = await root.post('/AccessPolicy/$explain', { client, scope: 'book:1:read' });
  return body.items[0].granted;
};

describe('Deny for everyone with an excepted client', () => {
  let policy: string;

  beforeAll(async () => {
    excepted = await aClient(library.server).withGrant('book:1:read').register();
    policy = await aDenyExceptFor(excepted.id);
  });

  it('keeps the exception through other writes, which show it as read-only (fault A3)', async () => {
    const path = `/AccessPolicy/${policy}`;
    const { body: shown } = await root.get(path);
    expect(shown.except).toEqual(linkTo(excepted.id, 'root'));
    const { meta: _, ...document } = shown;
    expect((await root.put(path, document)).body.meta).toEqual(shown.meta);
    for (const except of [linkTo('root'), linkTo(excepted.id, 'x'), [], null]) {
      expectProblem(await root.put(path, { ...document, except }), 422, ['except']);
      expectProblem(await root.patch(path, { except }), 422, ['except']);
    }
    const { except: __, ...without } = document;
    expect((await root.put(path, { ...without, rules: [rule, deny('map', '1', 'zoom')] })).status).toBe(200);
    expect((await root.put(path, without)).body.except).toEqual(shown.except);
    expectProblem(await root.post('/AccessPolicy', { ...document, id: 'copy' }), 422, ['except']);
    expect((await root.get(`/AccessPolicy?client=${excepted.id}`)).body.total).toBe(1);
    expect(await isGranted(excepted.id)).toBe(true);
  });

  it('applies the deny in a draft to all but the excepted client (fault A3)', async () => {
    const { body: draft } = await root.get(`/AccessPolicy/${policy}`);
    const question = { client: excepted.id, scope: 'book:1:read', policies: [draft] };
    const { body } = await root.post('/AccessPolicy/$explain', question);
    expect(body.items).toMatchObject([{ granted: true, granted_now: true }]);
  });

  it('counts the excepted client as more privileged than a caller bound by the deny (fault A3, fault A4)', async () => {
    const bound = await aCaller(library.server, 'Client:*:*', 'AccessPolicy:*:*', 'book:*:*');
    expectProblem(await bound.rest.patch(`/Client/${excepted.id}`, { secret: 'my-own-secret' }), 403);
    const giving = { engine: 'rules', link: linkTo(excepted.id), rules: [{ ...rule, effect: 'allow' }] };
    expectProblem(await bound.rest.put('/AccessPolicy/giving', giving), 403);
    const peer = await aClient(library.server).withGrant('book:1:read').register();
    const changed = await bound.rest.patch(`/Client/${peer.id}`, { secret: 'my-own-secret' });
    expect(changed.status, changed.text).toBe(200);
  });

  it('requires the usual privileges to lift the deny for everyone (fault A11)', async () => {
    const everything = await aCaller(library.server, 'AccessPolicy:*:*', 'book:*:*');
    expectProblem(await everything.rest.delete(`/AccessPolicy/${policy}`), 403);
    const named = await aCaller(library.server, `AccessPolicy:${policy}:delete`, 'book:*:read');
    expect((await named.rest.delete(`/AccessPolicy/${policy}`)).status).toBe(204);
  });

  it('keeps the exception when its client is deleted, and binds the next client with that id (fault A3)', async () => {
    const policy = await aDenyExceptFor(excepted.id);
    const removed = await root.delete(`/Client/${excepted.id}`);
    expect(removed.headers.get('x-deleted-with')).toContain(`AccessPolicy/${policy}`);
    expect((await root.get(`/AccessPolicy/${policy}`)).body.except).toEqual(linkTo('root'));
    await aClient(library.server, excepted.id).withGrant('book:1:read').register();
    expect(await isGranted(excepted.id)).toBe(false);
    await root.delete(`/AccessPolicy/${policy}`);
  });
});

import { beforeAll, describe, expect, it } from 'vitest';
import { expectProblem } from '../../admin/answers.js';
import { aCaller, allow, type Caller, deny, linkTo } from '../../admin/callers.js';
import { type Admin, admin } from '../../support/admin.js';
import { NATIVE } from '../../support/dialects.js';
import type { Answer } from '../../support/http.js';
import { LIBRARY, useLibrary } from '../../support/library.js';
import { aClient, register } from '../../support/registration.js';

const library = useLibrary();
let root: Admin;
let receiver: string;
let other: string;
/** May write every policy, and holds book but no write on book 2. */
let giver: Caller;
let made = 0;

const WRITES = ['AccessPolicy:*:read,create,update,delete'];

beforeAll(async () => {
  root = admin(library.server);
  receiver = (await aClient(library.server).register()).id;
  other = (await aClient(library.server).register()).id;
  await aClient(library.server, 'linked-more').register();
  giver = await aCaller(library.server, ...WRITES, 'book:*:*', 'map:7:zoom', '!book:2:write');
});

const rulesFor = (id: string, ...rules: object[]) => ({ engine: 'rules', link: linkTo(id), rules });
const nextId = () => `policy-${++made}`;

/** A policy that the administrator has written. */
async function thePolicy(members: Record<string, unknown>): Promise<string> {
  const id = nextId();
  await register(library.server, 'AccessPolicy', id, members);
  return id;
}

describe('Lifting a deny for everyone needs the right on that policy by name', () => {
  const LIFTS: [string, (rest: Admin, id: string) => Promise<Answer>][] = [
    ['deletes it', (rest, id) => rest.delete(`/AccessPolicy/${id}`)],
    ['narrows it', (rest, id) => rest.patch(`/AccessPolicy/${id}`, { rules: [deny('book', '9', 'read')] })],
    [
      'replaces it',
      (rest, id) => rest.put(`/AccessPolicy/${id}`, rulesFor(receiver, deny('book', '*', '*'))),
    ],
    [
      'turns it into an allow rule',
      (rest, id) => rest.patch(`/AccessPolicy/${id}`, { rules: [allow('book', 'locked', 'read')] }),
    ],
    [
      'links it to some',
      (rest, id) => rest.patch(`/AccessPolicy/${id}`, { everyone: null, link: linkTo(receiver) }),
    ],
  ];

  it.each(LIFTS)('rejects a policy manager that it binds and that %s (fault A11)', async (_, lift) => {
    const id = await thePolicy({ engine: 'rules', everyone: true, rules: [deny('book', 'locked', 'read')] });
    const everything = await aCaller(library.server, 'AccessPolicy:*:*', '*:*:*');
    for (const manager of [giver, everything]) {
      expectProblem(await lift(manager.rest, id), 403);
      const named = rulesFor(manager.id, allow('AccessPolicy', id, 'update', 'delete'));
      expectProblem(await manager.rest.put(`/AccessPolicy/${nextId()}`, named), 403);
      const all = rulesFor(manager.id, allow('AccessPolicy', id, '*'));
      expectProblem(await manager.rest.put(`/AccessPolicy/${nextId()}`, all), 403);
    }
    expect((await root.get(`/AccessPolicy/${id}`)).body.meta.versionId).toBe('1');
    const lifted = await lift(root, id);
    expect(lifted.status, lifted.text).toBeLessThan(205);
    await root.delete(`/AccessPolicy/${id}`);
  });

  it('lets a caller lift it that has the permission by name and holds what was denied (fault A11)', async () => {
    const id = await thePolicy({ engine: 'rules', everyone: true, rules: [deny('book', 'locked', 'read')] });
    const named = await aCaller(library.server, `AccessPolicy:${id}:update,delete`, 'book:*:read');
    const holdsNothing = await aCaller(library.server, `AccessPolicy:${id}:update,delete`);
    expectProblem(await holdsNothing.rest.delete(`/AccessPolicy/${id}`), 403);
    expect((await named.rest.delete(`/AccessPolicy/${id}`)).status).toBe(204);
  });
});

describe('A right by name', () => {
  it('counts only where it was given when there was such a policy (fault A11)', async () => {
    const id = nextId();
    const named = await aCaller(library.server, 'AccessPolicy:*:*', 'book:*:read');
    const claiming = rulesFor(named.id, allow('AccessPolicy', id, 'update', 'delete'));
    const early = nextId();
    expect((await named.rest.put(`/AccessPolicy/${early}`, claiming)).status).toBe(201);
    // A clock distinguishes the two by milliseconds.
    const since = Date.now();
    await expect.poll(() => Date.now()).toBeGreaterThan(since);
    const members = { engine: 'rules', everyone: true, rules: [deny('book', 'locked', 'read')] };
    await register(library.server, 'AccessPolicy', id, members);
    expectProblem(await named.rest.delete(`/AccessPolicy/${id}`), 403);
    expectProblem(await named.rest.patch(`/AccessPolicy/${id}`, { rules: [deny('book', '9', 'read')] }), 403);
    // Whatever changes the earlier policy confirms nothing.
    const unrelated = { rules: [...claiming.rules, allow('book', '1', 'read')] };
    expect((await root.patch(`/AccessPolicy/${early}`, unrelated)).status).toBe(200);
    expectProblem(await named.rest.delete(`/AccessPolicy/${id}`), 403);
    await register(library.server, 'AccessPolicy', nextId(), claiming);
    expect((await named.rest.delete(`/AccessPolicy/${id}`)).status).toBe(204);
  });
});

describe('A right by name on a policy that was harmless when it was given', () => {
  const DENY_ALL = { engine: 'rules', everyone: true, rules: [deny('book', 'locked', 'read')] };
  const toDeny: [string, (id: string) => Promise<Answer>][] = [
    ['is replaced', (id) => root.put(`/AccessPolicy/${id}`, DENY_ALL)],
    ['is changed', (id) => root.patch(`/AccessPolicy/${id}`, { ...DENY_ALL, link: null })],
  ];

  it.each(toDeny)('does not count once it %s to deny everyone (fault A11)', async (_, turn) => {
    const manager = await aCaller(library.server, 'AccessPolicy:*:*', 'book:*:*');
    const id = nextId();
    const harmless = rulesFor(receiver, allow('book', '1', 'read'));
    expect((await manager.rest.put(`/AccessPolicy/${id}`, harmless)).status).toBe(201);
    const early = nextId();
    const claiming = rulesFor(manager.id, allow('AccessPolicy', id, 'update', 'delete'));
    expect((await manager.rest.put(`/AccessPolicy/${early}`, claiming)).status).toBe(201);
    expect((await turn(id)).status).toBe(200);
    const later = { rules: [deny('book', '9', 'read')] };
    expectProblem(await manager.rest.delete(`/AccessPolicy/${id}`), 403);
    expectProblem(await manager.rest.patch(`/AccessPolicy/${id}`, later), 403);
    const widened = { rules: [...claiming.rules, allow('AccessPolicy', id, '*')] };
    expectProblem(await manager.rest.patch(`/AccessPolicy/${early}`, widened), 403);
    // A change that does not begin anew leaves a right that was given since.
    await register(library.server, 'AccessPolicy', nextId(), claiming);
    const wider = { rules: [...DENY_ALL.rules, deny('book', '8', 'read')] };
    expect((await root.patch(`/AccessPolicy/${id}`, wider)).status).toBe(200);
    expect((await manager.rest.patch(`/AccessPolicy/${id}`, later)).status).toBe(200);
    // Harmless for a moment, it begins anew.
    expect((await root.put(`/AccessPolicy/${id}`, harmless)).status).toBe(200);
    expect((await turn(id)).status).toBe(200);
    expectProblem(await manager.rest.delete(`/AccessPolicy/${id}`), 403);
    await root.delete(`/AccessPolicy/${id}`);
  });
});

describe('A client with a right by name', () => {
  it.each<[string, (rest: Admin, id: string) => Promise<Answer>]>([
    ['rotates its secret', (rest, id) => rest.post(`/Client/${id}/$rotate-secret`, {})],
    ['sets its secret', (rest, id) => rest.patch(`/Client/${id}`, { secret: 'a secret of the manager' })],
  ])('is not taken over by a policy manager that %s (fault A11)', async (_, take) => {
    const id = await thePolicy({ engine: 'rules', everyone: true, rules: [deny('book', 'locked', 'read')] });
    const named = await aCaller(library.server, `AccessPolicy:${id}:update,delete`);
    const manager = await aCaller(library.server, 'AccessPolicy:*:*', 'book:*:*', `Client:${named.id}:*`);
    expectProblem(await take(manager.rest, named.id), 403);
    expect((await take(root, named.id)).status).toBe(200);
    await root.delete(`/AccessPolicy/${id}`);
  });
});

describe('A narrow deny', () => {
  it('is lifted only by a caller that holds the wider items which open with it (fault A2)', async () => {
    const reader = await aClient(library.server).withGrant('book:*:read').register();
    const asked = { audience: LIBRARY, scope: 'book:*:read' };
    const narrow = await thePolicy(rulesFor(reader.id, deny('book', '1', 'read')));
    expect((await reader.ask(NATIVE, asked)).body.error).toBe('invalid_scope');
    const holdsOne = await aCaller(library.server, ...WRITES, 'book:1:read');
    const lifts = [
      () => holdsOne.rest.delete(`/AccessPolicy/${narrow}`),
      () => holdsOne.rest.patch(`/AccessPolicy/${narrow}`, { rules: [deny('book', '2', 'read')] }),
      () => holdsOne.rest.patch(`/AccessPolicy/${narrow}`, { link: linkTo(other) }),
    ];
    for (const lift of lifts) expectProblem(await lift(), 403);
    expect((await reader.ask(NATIVE, asked)).body.error).toBe('invalid_scope');
    const holdsAll = await aCaller(library.server, ...WRITES, 'book:*:read');
    expect((await holdsAll.rest.delete(`/AccessPolicy/${narrow}`)).status).toBe(204);
    expect((await reader.ask(NATIVE, asked)).body.scope).toBe('book:*:read');
  });

  it('is lifted by a caller that holds as much where nothing wider opens (fault A2)', async () => {
    const reader = await aClient(library.server).withGrant('book:1:read', 'book:*:write').register();
    const narrow = await thePolicy(rulesFor(reader.id, deny('book', '1', 'read')));
    const holdsOne = await aCaller(library.server, ...WRITES, 'book:1:read');
    expect((await holdsOne.rest.delete(`/AccessPolicy/${narrow}`)).status).toBe(204);
  });
});

describe('A deny rule takes what other policies give', () => {
  it('rejects one on a client that holds more of it, without the right on those policies (fault A11)', async () => {
    const ci = await aCaller(library.server, 'AccessPolicy:ci:create,update,delete', 'book:*:*');
    for (const link of [linkTo('root'), linkTo(other, 'root')]) {
      for (const rule of [deny('diary', '1', 'read'), deny('Client', '*', '*'), deny('book', '1', 'read')]) {
        expectProblem(await ci.rest.put('/AccessPolicy/ci', { engine: 'rules', link, rules: [rule] }), 403);
      }
    }
    const everyone = { engine: 'rules', everyone: true, rules: [deny('*', '*', '*')] };
    expectProblem(await ci.rest.put('/AccessPolicy/ci', everyone), 403);
    const reader = await aClient(library.server).withGrant('book:*:read', 'diary:*:read').register();
    expectProblem(await ci.rest.put('/AccessPolicy/ci', rulesFor(reader.id, deny('*', '*', '*'))), 403);
    const within = await ci.rest.put('/AccessPolicy/ci', rulesFor(reader.id, deny('book', '1', '*')));
    expect(within.status, within.text).toBe(201);
    expectProblem(await ci.rest.patch('/AccessPolicy/ci', { rules: [deny('*', '*', 'read')] }), 403);
    expectProblem(await ci.rest.patch('/AccessPolicy/ci', { link: linkTo(reader.id, 'root') }), 403);
    const both = await aCaller(
      library.server,
      'AccessPolicy:ci:update,read',
      `AccessPolicy:${reader.id}:update`,
    );
    const wider = await both.rest.patch('/AccessPolicy/ci', { rules: [deny('*', '*', '*')] });
    expect(wider.status, wider.text).toBe(200);
    await root.delete('/AccessPolicy/ci');
  });
});

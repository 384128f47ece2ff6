import { beforeAll, describe, expect, it } from 'vitest';
import { type Admin, admin } from '../support/admin.js';
import { NATIVE } from '../support/dialects.js';
import { useLibrary } from '../support/library.js';
import { aClient, register } from '../support/registration.js';
import { expectProblem } from './answers.js';
import { aCaller, allow, type Caller, deny, linkTo, withToken } from './callers.js';

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

describe('Grants only what the caller holds (A17, ASVS 8.2.1)', () => {
  it.each([
    ['what it holds', allow('book', '1', 'read')],
    ['several operations of it', allow('book', '1', 'read', 'write')],
    ['another identifier', allow('book', 'anything', '*')],
    ['all of one operation', allow('book', '*', 'read')],
    ['one identifier', allow('map', '7', 'zoom')],
    ['a deny rule, whatever it denies', deny('diary', '*', '*')],
    ['administration that it holds', allow('AccessPolicy', '*', 'read')],
    ['administration of one', allow('AccessPolicy', 'x', 'update', 'delete')],
  ])('lets a caller grant %s', async (_, rule) => {
    const answer = await giver.rest.put(`/AccessPolicy/${nextId()}`, rulesFor(receiver, rule));
    expect(answer.status, answer.text).toBe(201);
  });

  it.each([
    ['another resource', allow('diary', '1', 'read')],
    ['another identifier', allow('map', '8', 'zoom')],
    ['all identifiers of one', allow('map', '*', 'zoom')],
    ['all operations of one', allow('map', '7', '*')],
    ['another operation', allow('map', '7', 'geocode:location')],
    ['one operation too many', allow('map', '7', 'zoom', 'geocode:location')],
    ['what is denied to it', allow('book', '2', 'write')],
    ['what contains something denied to it', allow('book', '*', 'write')],
    ['all of what contains something denied to it', allow('book', '2', '*')],
    ['every resource', allow('*', '*', '*')],
    ['one operation of every resource', allow('*', '*', 'read')],
    ['one identifier of every resource', allow('*', '7', 'zoom')],
    ['administration that it lacks', allow('Client', '*', 'read')],
    ['more administration than it holds', allow('AccessPolicy', '*', '*')],
    ['sessions of others', allow('Session', '1', 'delete')],
  ])('rejects granting %s with 403, by any method', async (_, rule) => {
    const id = nextId();
    expectProblem(await giver.rest.put(`/AccessPolicy/${id}`, rulesFor(receiver, rule)), 403);
    expectProblem(
      await giver.rest.post('/AccessPolicy', rulesFor(receiver, allow('book', '1', 'read'), rule)),
      403,
    );
    expect((await giver.rest.get(`/AccessPolicy/${id}`)).status).toBe(404);
    await register(library.server, 'AccessPolicy', id, rulesFor(receiver, allow('book', '1', 'read')));
    expectProblem(await giver.rest.patch(`/AccessPolicy/${id}`, { rules: [rule] }), 403);
    expectProblem(await giver.rest.put(`/AccessPolicy/${id}`, rulesFor(receiver, rule)), 403);
    const kept = (await root.get(`/AccessPolicy/${id}`)).body;
    expect(kept).toMatchObject({ rules: [allow('book', '1', 'read')], meta: { versionId: '1' } });
  });

  it('rejects granting it to the caller itself', async () => {
    expectProblem(
      await giver.rest.put(`/AccessPolicy/${nextId()}`, rulesFor(giver.id, allow('diary', '*', 'read'))),
      403,
    );
    expectProblem(
      await giver.rest.patch(`/AccessPolicy/${giver.id}`, { rules: [allow('*', '*', '*')] }),
      403,
    );
    expectProblem(
      await giver.rest.put('/AccessPolicy/root', { engine: 'allow', link: linkTo(giver.id) }),
      403,
    );
    expectProblem(
      await giver.rest.put(`/AccessPolicy/${nextId()}`, { engine: 'allow', link: linkTo(giver.id) }),
      403,
    );
  });

  it('rejects granting it to everyone', async () => {
    const everyone = (rule: object) => ({ engine: 'rules', everyone: true, rules: [rule] });
    expectProblem(await giver.rest.put('/AccessPolicy/everyone', everyone(allow('diary', '*', 'read'))), 403);
    const may = await giver.rest.put('/AccessPolicy/everyone', everyone(allow('book', 'public', 'read')));
    expect(may.status, may.text).toBe(201);
    await root.delete('/AccessPolicy/everyone');
  });

  it('rejects granting it with a token as well as with Basic', async () => {
    const rest = withToken(library.server, await giver.client.token(NATIVE));
    expectProblem(
      await rest.put(`/AccessPolicy/${nextId()}`, rulesFor(receiver, allow('diary', '1', 'read'))),
      403,
    );
    const may = await rest.put(`/AccessPolicy/${nextId()}`, rulesFor(receiver, allow('book', '1', 'read')));
    expect(may.status, may.text).toBe(201);
  });
});

describe('Linking a client to a policy grants what the policy grants', () => {
  it('rejects linking another client to a stronger policy', async () => {
    const id = await thePolicy(rulesFor(other, allow('diary', '*', 'read')));
    expectProblem(await giver.rest.patch(`/AccessPolicy/${id}`, { link: linkTo(other, receiver) }), 403);
    expectProblem(await giver.rest.patch(`/AccessPolicy/${id}`, { link: null, everyone: true }), 403);
    expect((await root.get(`/AccessPolicy/${id}`)).body.link).toEqual(linkTo(other));
  });

  it('lets a caller link a client to a policy within its privileges', async () => {
    const id = await thePolicy(rulesFor(other, allow('book', '*', 'read')));
    const linked = await giver.rest.patch(`/AccessPolicy/${id}`, { link: linkTo(other, receiver) });
    expect(linked.status, linked.text).toBe(200);
  });

  it('lets a caller grant the engine allow only if it holds every registered resource and every unregistered audience (fault A9)', async () => {
    const allowing = { engine: 'allow', link: linkTo(receiver) };
    expectProblem(await giver.rest.put(`/AccessPolicy/${nextId()}`, allowing), 403);
    const holder = await aCaller(library.server, ...WRITES, '*:*:*');
    expectProblem(await holder.rest.put(`/AccessPolicy/${nextId()}`, allowing), 403);
    await thePolicy({ engine: 'allow', link: linkTo(holder.id) });
    const given = await holder.rest.put(`/AccessPolicy/${nextId()}`, allowing);
    expect(given.status, given.text).toBe(201);
    const partly = await aCaller(library.server, ...WRITES, '*:*:*', '!diary:secret:*');
    expectProblem(await partly.rest.put(`/AccessPolicy/${nextId()}`, allowing), 403);
    expectProblem(
      await holder.rest.put(`/AccessPolicy/${nextId()}`, rulesFor(receiver, allow('Client', '*', 'read'))),
      403,
    );
  });
});

describe('Lifting or narrowing a deny grants what it denied', () => {
  const denying = () => thePolicy(rulesFor(receiver, deny('diary', '*', '*'), allow('book', '1', 'read')));

  it.each([
    ['deleting the policy', (id: string) => giver.rest.delete(`/AccessPolicy/${id}`)],
    [
      'taking the rule out',
      (id: string) => giver.rest.patch(`/AccessPolicy/${id}`, { rules: [allow('book', '1', 'read')] }),
    ],
    [
      'narrowing it to one identifier',
      (id: string) => giver.rest.patch(`/AccessPolicy/${id}`, { rules: [deny('diary', '1', '*')] }),
    ],
    [
      'narrowing it to one operation',
      (id: string) => giver.rest.patch(`/AccessPolicy/${id}`, { rules: [deny('diary', '*', 'read')] }),
    ],
    [
      'turning it into an allow rule',
      (id: string) => giver.rest.patch(`/AccessPolicy/${id}`, { rules: [allow('diary', '*', '*')] }),
    ],
    [
      'letting go of the client',
      (id: string) => giver.rest.patch(`/AccessPolicy/${id}`, { link: linkTo(other) }),
    ],
    [
      'replacing it',
      (id: string) => giver.rest.put(`/AccessPolicy/${id}`, rulesFor(receiver, deny('book', '1', 'read'))),
    ],
  ])('rejects %s with 403', async (_, change) => {
    const id = await denying();
    expectProblem(await change(id), 403);
    expect((await root.get(`/AccessPolicy/${id}`)).body.meta.versionId).toBe('1');
    await root.delete(`/AccessPolicy/${id}`);
  });

  it('rejects narrowing a deny for everyone to some clients', async () => {
    const id = await thePolicy({ engine: 'rules', everyone: true, rules: [deny('diary', 'top', 'read')] });
    const some = { everyone: null, link: linkTo(receiver, other, giver.id, 'root') };
    expectProblem(await giver.rest.patch(`/AccessPolicy/${id}`, some), 403);
    expectProblem(await giver.rest.delete(`/AccessPolicy/${id}`), 403);
    await root.delete(`/AccessPolicy/${id}`);
  });

  it('rejects lifting a deny by a client that it binds, so that another administrator has to', async () => {
    const denied = await aCaller(library.server, ...WRITES, 'diary:*:*');
    const id = await thePolicy(rulesFor(denied.id, deny('diary', '1', 'read')));
    expectProblem(await denied.rest.delete(`/AccessPolicy/${id}`), 403);
    expect((await root.delete(`/AccessPolicy/${id}`)).status).toBe(204);
  });

  const HARMLESS: [string, { rules: object[]; link?: object[] }][] = [
    ['keeping it', { rules: [deny('diary', '*', '*')] }],
    ['covering it by a wider one', { rules: [deny('*', '*', '*')] }],
    ['covering it by several', { rules: [deny('diary', '*', 'read'), deny('diary', '*', '*')] }],
    ['linking more clients to it', { rules: [deny('diary', '*', '*')], link: linkTo('linked-more') }],
  ];

  it.each(HARMLESS)('lets a caller change a deny with %s, which grants nothing', async (_, patch) => {
    const id = await thePolicy(rulesFor(receiver, deny('diary', '*', '*')));
    const link = [...linkTo(receiver), ...(patch.link ?? [])];
    const answer = await giver.rest.patch(`/AccessPolicy/${id}`, { ...patch, link });
    expect(answer.status, answer.text).toBe(200);
    await root.delete(`/AccessPolicy/${id}`);
  });

  it('lets a caller that holds what was denied lift the deny', async () => {
    const id = await thePolicy(rulesFor(receiver, deny('book', '1', 'read')));
    expect((await giver.rest.delete(`/AccessPolicy/${id}`)).status).toBe(204);
  });

  it('rejects lifting a deny from the caller itself', async () => {
    const answer = await giver.rest.patch(`/AccessPolicy/${giver.id}`, {
      rules: [allow('AccessPolicy', '*', 'read', 'create', 'update', 'delete'), allow('book', '*', '*')],
    });
    expectProblem(answer, 403);
    expectProblem(await giver.rest.delete(`/AccessPolicy/${giver.id}`), 403);
  });
});

describe('Deny rules for everyone do not limit administrators', () => {
  it('lets an administrator grant what a deny for everyone denies', async () => {
    const id = await thePolicy({ engine: 'rules', everyone: true, rules: [deny('book', 'burnt', '*')] });
    const answer = await giver.rest.put(
      `/AccessPolicy/${nextId()}`,
      rulesFor(receiver, allow('book', '*', 'read')),
    );
    expect(answer.status, answer.text).toBe(201);
    await root.delete(`/AccessPolicy/${id}`);
  });
});

describe('Revoking requires only the permission', () => {
  it('lets a caller remove and narrow allow rules that it does not hold', async () => {
    const id = await thePolicy(rulesFor(receiver, allow('diary', '*', '*'), allow('book', '1', 'read')));
    const narrowed = await giver.rest.patch(`/AccessPolicy/${id}`, { rules: [allow('book', '1', 'read')] });
    expect(narrowed.status, narrowed.text).toBe(200);
    const strong = await thePolicy(rulesFor(receiver, allow('diary', '*', '*')));
    expect((await giver.rest.delete(`/AccessPolicy/${strong}`)).status).toBe(204);
  });
});

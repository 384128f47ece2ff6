import { beforeAll, describe, expect, it } from 'vitest';
import { type Admin, admin } from '../support/admin.js';
import { NATIVE } from '../support/dialects.js';
import { useLibrary } from '../support/library.js';
import { aClient, aResource, type TestClient } from '../support/registration.js';
import { openRows } from '../support/rows.js';
import { expectProblem } from './answers.js';
import { aCaller, type Caller } from './callers.js';

const library = useLibrary();
let root: Admin;
let made = 0;

beforeAll(() => {
  root = admin(library.server);
});

const named = (...names: string[]) => ({ operations: names.map((name) => ({ name })) });

/** Two resources of one audience, and a client that has everything on the second one only. */
async function aPair() {
  const { server } = library;
  const [docs, news, audience] = [`docs-${++made}`, `news-${made}`, `urn:pair-${made}`];
  await aResource(server, docs, ['read', 'publish'], { audience });
  await aResource(server, news, ['list'], { audience });
  const reader = await aClient(server).withGrant(`${news}:*:*`).register();
  const rights = [docs, news].map((id) => `Resource:${id}:update,read`);
  const owner = await aCaller(server, ...rights);
  const asks = async (client: TestClient = reader) =>
    (await client.ask(NATIVE, { audience, scope: 'publish' })).body.scope;
  const change = async (caller: Caller | Admin, id: string, members: object, status = 200) => {
    const rest = 'rest' in caller ? caller.rest : caller;
    const answer = await rest.patch(`/Resource/${id}`, members);
    expect(answer.status, answer.text).toBe(status);
    return answer;
  };
  const refusal = (
    client = reader,
    item = `${docs}:*:publish`,
    note = ', an operation that left this audience,',
  ) =>
    `this would let the client ${client.id} use ${item}${note} by the name publish in tokens for ${audience}, which the caller does not hold`;
  const end = () => root.delete(`/Client/${reader.id}`);
  return { docs, news, audience, reader, owner, asks, change, refusal, end };
}

describe('The name of an operation that has left its resource', () => {
  it('moves to another resource of the audience in steps only if the caller may have the operation (fault A1)', async () => {
    const { docs, news, owner, asks, change, refusal } = await aPair();
    await change(owner, docs, named('read'));
    const refused = await change(owner, news, named('list', 'publish'), 403);
    expectProblem(refused, 403);
    expect(refused.body.detail).toBe(refusal());
    await change(owner, news, { name: 'In between' });
    await change(owner, docs, named('read', 'draft'));
    await change(owner, news, named('list', 'publish'), 403);
    expect(await asks()).toBeUndefined();
    const rights = [`Resource:${docs}:update`, `Resource:${news}:update,read`, `${docs}:*:*`, `${news}:*:*`];
    await change(await aCaller(library.server, ...rights), news, named('list', 'publish'));
    expect(await asks()).toBe('publish');
  });

  it('moves in steps at the hand of a full administrator, and then belongs to its new resource (fault A1)', async () => {
    const { docs, news, owner, asks, change } = await aPair();
    await change(root, docs, named('read'));
    await change(root, news, named('list', 'publish'));
    expect(await asks()).toBe('publish');
    // Off and on again.
    await change(owner, news, named('list'));
    await change(owner, news, named('list', 'publish'));
    expect(await asks()).toBe('publish');
  });

  it('does not return to a resource whose operation older tokens would then mean (fault A1)', async () => {
    const { docs, news, reader, owner, audience, asks, change, refusal } = await aPair();
    await change(owner, news, named('list', 'later'));
    const { body } = await reader.ask(NATIVE, { audience, scope: 'later' });
    expect(body.scope).toBe('later');
    await change(owner, news, named('list'));
    const refused = await change(owner, docs, named('read', 'publish', 'later'), 403);
    const item = refusal(reader, `${docs}:*:later`, '').replace('name publish', 'name later');
    expect(refused.body.detail).toBe(item);
    await change(owner, docs, named('read'));
    await change(owner, docs, named('read', 'publish'));
    expect(await asks()).toBeUndefined();
  });

  it.each<[string, (pair: Awaited<ReturnType<typeof aPair>>) => Promise<unknown>]>([
    [
      'its resource moves away',
      ({ docs, owner, change }) => change(owner, docs, { audience: `urn:${docs}` }),
    ],
    ['its resource is deleted', ({ docs }) => root.delete(`/Resource/${docs}`)],
    [
      'another resource had it in between',
      async ({ docs, audience, change }) => {
        await aResource(library.server, `z-${docs}`, ['other'], { audience });
        await change(root, docs, named('read'));
        await change(root, `z-${docs}`, named('publish'));
        await change(root, `z-${docs}`, named('other'));
      },
    ],
  ])('is remembered when %s (fault A1)', async (_, leave) => {
    const pair = await aPair();
    const { news, owner, asks, change } = pair;
    await leave(pair);
    await change(owner, news, named('list', 'publish'), 403);
    expect(await asks()).toBeUndefined();
  });

  it('is not laundered by a resource that only the caller holds (fault A1)', async () => {
    const { docs, news, audience, asks, change, refusal } = await aPair();
    const decoy = `decoy-${docs}`;
    await aResource(library.server, decoy, ['other'], { audience });
    const ids = [docs, news, decoy];
    const elsewhere = aClient(library.server)
      .with({ grant_types: ['basic', 'client_credentials'] })
      .withTokens({ audience: ['urn:elsewhere'] })
      .withGrant(...ids.map((id) => `Resource:${id}:update,read`), `${decoy}:*:*`);
    const launderer = admin(library.server, (await elsewhere.register()).basic);
    await change(launderer, decoy, named('other', 'publish'));
    await change(launderer, docs, named('read'));
    await change(launderer, news, named('list', 'publish'));
    expect(await asks()).toBeUndefined();
    const refused = await change(launderer, decoy, named('other'), 403);
    expect(refused.body.detail).toBe(refusal());
  });

  it('moves in a Bundle under the same condition (fault A1)', async () => {
    const { docs, news, owner, asks } = await aPair();
    const entry = (id: string, ...names: string[]) => ({
      request: { method: 'PATCH', url: `/Resource/${id}` },
      resource: named(...names),
    });
    const bundle = {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [entry(docs, 'read'), entry(news, 'list', 'publish')],
    };
    const refused = await owner.rest.post('/', bundle);
    expectProblem(refused, 403);
    expect((await root.post('/', bundle)).status).toBe(200);
    expect(await asks()).toBe('publish');
  });

  it('is remembered when the audience is registered again by another resource (fault A1)', async () => {
    const { docs, news, audience, owner, change, refusal } = await aPair();
    await change(owner, news, { audience: `urn:${news}` });
    await change(owner, docs, { audience: `urn:${docs}` });
    const moved = { audience, ...named('list', 'publish') };
    expect((await change(owner, news, moved, 403)).body.detail).toBe(refusal());
  });

  it('is remembered for a caller that may not read the resources, and hinders no other name (fault A1)', async () => {
    const { docs, news, audience, change } = await aPair();
    const blind = await aCaller(library.server, ...[docs, news].map((id) => `Resource:${id}:update`));
    await change(root, docs, named('read'));
    await change(blind, news, named('list', 'publish'), 403);
    await change(blind, news, named('list', 'print'));
    await change(root, news, named('list', 'publish'));
    const same = await blind.rest.put(`/Resource/${news}`, { audience, ...named('list', 'publish') });
    expect(same.status, same.text).toBe(200);
  });

  it('is forgotten after 400 days', async () => {
    const { docs, news, owner, change } = await aPair();
    await change(owner, docs, named('read'));
    const rows = await openRows(library.server);
    const age = (days: number) => {
      const leftAt = Date.now() - days * 24 * 60 * 60 * 1000;
      return rows.all('UPDATE former_operation SET left_at = ? WHERE resource_id = ?', [leftAt, docs]);
    };
    try {
      await age(399);
      await change(owner, news, named('list', 'publish'), 403);
      await age(401);
      await change(owner, news, named('list', 'publish'));
      // A later write removes as many old rows as it adds.
      await change(owner, news, named('publish'));
      const left = await rows.all('SELECT operation FROM former_operation WHERE resource_id = ?', [docs]);
      expect(left).toEqual([]);
    } finally {
      await rows.close();
    }
  });
});

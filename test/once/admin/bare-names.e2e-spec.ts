import { beforeEach, describe, expect, it } from 'vitest';
import { expectProblem } from '../../admin/answers.js';
import { aCaller, type Caller } from '../../admin/callers.js';
import { type Admin, admin } from '../../support/admin.js';
import { NATIVE } from '../../support/dialects.js';
import { useLibrary } from '../../support/library.js';
import { aClient, aResource, type TestClient } from '../../support/registration.js';

const SHARED = 'urn:shared';
const AWAY = 'urn:away';
const READ = [{ name: 'read' }];
const OTHER = [{ name: 'list' }];
const OWN = [{ name: 'own' }];

describe('A bare name that several resources of an audience share', () => {
  const library = useLibrary();
  let root: Admin;
  let updater: Caller;
  let holder: Caller;

  beforeEach(async () => {
    root = admin(library.server);
    await aResource(library.server, 'doc', ['read', 'list'], { audience: SHARED });
    await aResource(library.server, 'decoy', ['read'], { audience: SHARED });
    updater ??= await aCaller(library.server, 'Resource:doc:update,read', 'Resource:decoy:update,read');
    holder ??= await aCaller(library.server, 'Resource:*:update,read', 'doc:*:*', 'decoy:*:*');
  });

  const asks = async (client: TestClient) =>
    (await client.ask(NATIVE, { audience: SHARED, scope: 'read' })).body.scope;

  it.each([
    ['moving a sibling away', { audience: AWAY }],
    ['removing the operation of a sibling', { operations: OTHER }],
  ])('is gained by %s only if the caller may have the item (fault A1)', async (_, change) => {
    const client = await aClient(library.server).withGrant('decoy:*:*', 'doc:1:list').register();
    expect(await asks(client)).toBeUndefined();
    const refused = await updater.rest.patch('/Resource/doc', change);
    expectProblem(refused, 403);
    expect(refused.body.detail).toBe(
      `this would let the client ${client.id} use doc:*:read by the name read in tokens for ${SHARED}, which the caller does not hold`,
    );
    const moved = await holder.rest.patch('/Resource/doc', change);
    expect(moved.status, moved.text).toBe(200);
    expect(await asks(client)).toBe('read');
    // Its tokens would be valid for what comes back.
    const back = { audience: SHARED, operations: [...READ, ...OTHER] };
    expectProblem(await updater.rest.patch('/Resource/doc', back), 403);
    expect((await holder.rest.patch('/Resource/doc', back)).status).toBe(200);
    expect((await root.delete(`/Client/${client.id}`)).status).toBe(204);
  });

  it('is gained neither way round a narrow deny (fault A1)', async () => {
    const client = await aClient(library.server).withGrant('*:*:*', '!doc:1:*').register();
    const change = { operations: OTHER };
    expectProblem(await updater.rest.patch('/Resource/doc', change), 403);
    expect((await root.patch('/Resource/decoy', { audience: AWAY })).status).toBe(200);
    // The last resource with the name: nothing to gain yet, but its sibling brings it back.
    expect((await updater.rest.patch('/Resource/doc', change)).status).toBe(200);
    const refused = await updater.rest.patch('/Resource/decoy', { audience: SHARED });
    expectProblem(refused, 403);
    expect(refused.body.detail).toContain(`the client ${client.id} use doc:*:read by the name read`);
    expect((await root.delete(`/Client/${client.id}`)).status).toBe(204);
    expect((await updater.rest.patch('/Resource/decoy', { audience: SHARED })).status).toBe(200);
  });

  it('is added to no tokens by a caller that may not read the resource (fault A1)', async () => {
    const client = await aClient(library.server).withGrant('doc:*:*').register();
    expect((await root.patch('/Resource/decoy', { operations: OWN })).status).toBe(200);
    expect(await asks(client)).toBe('read');
    const blind = await aCaller(library.server, 'Resource:doc:update', 'Resource:decoy:update');
    const members = { audience: SHARED, operations: [...READ, ...OWN] };
    expectProblem(await blind.rest.put('/Resource/decoy', members), 403);
    expectProblem(await updater.rest.put('/Resource/decoy', members), 403);
    expect((await holder.rest.put('/Resource/decoy', members)).status).toBe(200);
    expect((await root.delete(`/Client/${client.id}`)).status).toBe(204);
  });

  it('counts only for clients whose lists contain the audience (fault A1)', async () => {
    const client = await aClient(library.server)
      .withTokens({ audience: ['urn:elsewhere'] })
      .withGrant('decoy:*:*')
      .register();
    expect((await updater.rest.patch('/Resource/doc', { operations: OTHER })).status).toBe(200);
    expect((await root.delete(`/Client/${client.id}`)).status).toBe(204);
  });
});

describe('A resource that is deleted and created again', () => {
  const library = useLibrary();

  it('enters no listed audience that it could not move into (fault A2)', async () => {
    const { server } = library;
    await aResource(server, 'sec', ['read'], { audience: 'urn:s' });
    await aResource(server, 'mine', ['read'], { audience: 'urn:mine' });
    const client = await aClient(server)
      .withTokens({ audience: ['urn:mine'] })
      .withGrant('*:*:*')
      .register();
    const mover = await aCaller(server, 'Resource:sec:*', 'Resource:mine:*');
    const sec = { audience: 'urn:mine', operations: READ };
    expectProblem(await mover.rest.put('/Resource/sec', sec), 403);
    expect((await mover.rest.delete('/Resource/sec')).status).toBe(204);
    for (const rest of [mover.rest, (await aCaller(server, 'Resource:*:*')).rest]) {
      const refused = await rest.put('/Resource/sec', sec);
      expectProblem(refused, 403);
      expect(refused.body.detail).toBe(
        `this would let the client ${client.id}, whose list contains urn:mine, have sec:*:*, which the caller does not hold`,
      );
    }
    const created = await (await aCaller(server, 'Resource:*:*', '*:*:*')).rest.put('/Resource/sec', sec);
    expect(created.status, created.text).toBe(201);
  });
});

import { decodeJwt } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Admin, admin } from '../support/admin.js';
import { aSigningClient, Signer } from '../support/assertions.js';
import { AUTH0, NATIVE } from '../support/dialects.js';
import { form } from '../support/http.js';
import { LIBRARY, useLibrary } from '../support/library.js';
import { aClient, type TestClient } from '../support/registration.js';
import { expectProblem } from './answers.js';
import { events } from './audit.js';
import { aCaller, withToken } from './callers.js';

const library = useLibrary();
let root: Admin;
let api: TestClient;

beforeAll(async () => {
  root = admin(library.server);
  api = await aClient(library.server).withGrant('Session:*:introspect').register();
});

const contain = (id: string, body: object = {}, rest = root) => rest.post(`/Client/${id}/$contain`, body);
const radiusOf = (id: string, rest = root) => rest.get(`/Client/${id}/$blast-radius`);

const isActive = async (token: string): Promise<boolean> =>
  (await form(`${library.server.url}/auth/introspect`, { token }, api.basic)).body.active;

const endOf = (jwt: string) => new Date((decodeJwt(jwt).exp as number) * 1000).toISOString();

describe('$contain', () => {
  it('disables the client, closes its sessions, and says when the last verifier refuses', async () => {
    const client = await aClient(library.server).with({ name: 'Leaked' }).withGrant('book:*:read').register();
    const opaque = await client.token(NATIVE);
    const jwt = await client.token(AUTH0, { audience: LIBRARY });
    const { status, body, headers } = await contain(client.id, { reason: 'secret in a public repository' });
    expect(status).toBe(200);
    expect(body).toMatchObject({ id: client.id, name: 'Leaked', active: false });
    expect([body.last_verifier_refuses, body.exact]).toEqual([endOf(jwt), true]);
    expect(headers.get('etag')).toBe('"2"');
    expect([await isActive(opaque), await isActive(jwt)]).toEqual([false, false]);
    expect((await client.ask(NATIVE)).body).toMatchObject({ error: 'invalid_client' });
    const recorded = async (action: string) =>
      (await events(library.server, `client=${client.id}&action=${action}`)).map(({ detail }) => detail);
    const reason = 'secret in a public repository';
    expect(await recorded('client.contain')).toEqual([{ reason, was_active: true }]);
    expect(await recorded('client.update')).toMatchObject([
      { before: { active: true }, after: { active: false } },
    ]);
    expect(await recorded('session.close')).toEqual([{ reason: 'client_disabled', sessions: 'all' }]);
  });

  it('says that all verifiers refuse now, if the client has no JWT, and can be repeated', async () => {
    const client = await aClient(library.server).register();
    await client.token(NATIVE);
    for (const wasActive of [true, false]) {
      const from = Date.now();
      const { body } = await contain(client.id);
      const refused = Date.parse(body.last_verifier_refuses);
      expect(refused).toBeGreaterThanOrEqual(from - 1000);
      expect(refused).toBeLessThanOrEqual(Date.now() + 1000);
      const [{ detail }] = await events(library.server, `client=${client.id}&action=client.contain`);
      expect(detail).toEqual({ was_active: wasActive });
    }
    expect((await root.get(`/Client/${client.id}`)).body.meta.versionId).toBe('2');
  });

  it('counts a JWT whose session was closed before: an API cannot know', async () => {
    const client = await aClient(library.server).withGrant('book:*:read').register();
    const jwt = await client.token(AUTH0, { audience: LIBRARY });
    await root.delete(`/Session?client=${client.id}`);
    expect((await contain(client.id)).body.last_verifier_refuses).toBe(endOf(jwt));
  });

  it('requires the permissions to update the client and to close its sessions', async () => {
    const client = await aClient(library.server).register();
    const both = `Client:${client.id}:update`;
    for (const rules of [[both], [`Session:${client.id}:delete`], [`Client:${client.id}:rotate,read`]]) {
      const caller = await aCaller(library.server, ...rules);
      expectProblem(await contain(client.id, {}, caller.rest), 403);
    }
    expect((await root.get(`/Client/${client.id}`)).body.active).toBe(true);
    const allowed = await aCaller(library.server, both, `Session:${client.id}:delete`);
    const { status, body } = await contain(client.id, {}, allowed.rest);
    expect(status).toBe(200);
    expect(Object.keys(body).sort()).toEqual([
      'exact',
      'id',
      'last_verifier_refuses',
      'meta',
      'resourceType',
    ]);
    expect((await root.get(`/Client/${client.id}`)).body.active).toBe(false);
  });

  it('is refused like a PATCH to a caller that holds less than the client, and then changes nothing', async () => {
    const client = await aClient(library.server).withGrant('book:*:write').register();
    const token = await client.token(NATIVE);
    const caller = await aCaller(library.server, 'Client:*:update,read', 'Session:*:delete');
    expectProblem(await contain(client.id, {}, caller.rest), 403);
    expectProblem(await caller.rest.patch(`/Client/${client.id}`, { active: false }), 403);
    expect(await isActive(token)).toBe(true);
    expect(await events(library.server, `client=${client.id}&action=client.contain`)).toEqual([]);
    const blind = await aCaller(library.server, 'Client:*:update', 'Session:*:delete');
    const hidden = await contain(client.id, {}, blind.rest);
    expectProblem(hidden, 403);
    expect(hidden.text).not.toContain('book');
  });

  it('keeps the last administrator', async () => {
    expectProblem(await contain('root'), 409);
    expect((await root.get('/Client/root')).body.active).toBe(true);
  });

  it.each([
    [{ reason: '' }, ['reason']],
    [{ reason: 'r'.repeat(256) }, ['reason']],
    [{ overlap: 60 }, ['overlap']],
  ])('rejects %j', async (body, paths) => {
    expectProblem(await contain('root', body), 422, paths);
  });

  it('does not know other clients', async () => {
    expectProblem(await contain('nobody-here'), 404);
    expectProblem(await radiusOf('nobody-here'), 404);
  });
});

describe('$blast-radius', () => {
  it('shows what the client can do, the tokens it holds, and from where it was used', async () => {
    const client = await aClient(library.server)
      .with({ name: 'Wide', grant_types: ['basic', 'client_credentials'] })
      .withTokens({ audience: [LIBRARY] })
      .withGrant('book:*:read', '!book:13:read', 'page:7:turn,read', 'map:*:zoom', 'Client:*:read')
      .register();
    await root.patch('/Resource/map', { introspection_clients: [{ resourceType: 'Client', id: client.id }] });
    const jwt = await client.token(AUTH0, { audience: LIBRARY });
    await client.token(NATIVE);
    const before = (await root.get(`/Client/${client.id}`)).body;
    const { body } = await radiusOf(client.id);
    expect(body).toEqual({
      resourceType: 'Client',
      id: client.id,
      name: 'Wide',
      opens: true,
      permissions: [
        {
          resource: 'Client',
          audience: library.own,
          operations: [{ name: 'read', identifiers: ['*'] }],
        },
        {
          resource: 'book',
          audience: LIBRARY,
          operations: [{ name: 'read', identifiers: ['*'], some_denied: true }],
        },
        {
          resource: 'page',
          audience: LIBRARY,
          operations: [
            { name: 'turn', identifiers: ['7'] },
            { name: 'read', identifiers: ['7'] },
          ],
        },
      ],
      more_permissions: false,
      introspects: ['map'],
      tokens: { live: 2, more: false, jwts_end: endOf(jwt) },
      last_uses: before.last_uses,
      shared_with: [],
      more_shared_with: false,
    });
    expect(body.last_uses).toHaveLength(1);
    expect((await root.get(`/Client/${client.id}`)).body).toEqual(before);
    await contain(client.id);
    expect((await radiusOf(client.id)).body).toMatchObject({
      opens: false,
      reason: 'the client is disabled',
      tokens: { live: 0, more: false, jwts_end: endOf(jwt) },
    });
  });

  it('names the clients that share a secret or a key', async () => {
    const first = await aClient(library.server).register();
    const twin = await aClient(library.server).with({ secret: first.secret }).register();
    await aClient(library.server).register();
    const shared = async (id: string) => (await radiusOf(id)).body.shared_with;
    const sharing = (id: string, ...shares: string[]) => [{ client: { resourceType: 'Client', id }, shares }];
    expect(await shared(first.id)).toEqual(sharing(twin.id, 'secret'));
    expect(await shared(twin.id)).toEqual(sharing(first.id, 'secret'));
    await root.post(`/Client/${twin.id}/$rotate-secret`);
    expect(await shared(first.id)).toEqual([]);
    const signer = await Signer.make('ES256');
    const signing = await aSigningClient(library.server, { signer });
    const { kid: _, ...renamed } = signer.jwk;
    const other = await aSigningClient(library.server, { signer, jwks: { keys: [renamed] } });
    expect(await shared(signing.id)).toEqual(sharing(other.id, 'key'));
  });

  it('requires the permissions to read the client, its sessions and all policies', async () => {
    const client = await aClient(library.server).register();
    const own = [`Client:${client.id}:read`, `Session:${client.id}:read`, 'AccessPolicy:*:read'];
    for (const missing of own) {
      const caller = await aCaller(library.server, ...own.filter((rule) => rule !== missing));
      expectProblem(await radiusOf(client.id, caller.rest), 403);
    }
    const { status, body } = await radiusOf(client.id, (await aCaller(library.server, ...own)).rest);
    expect(status).toBe(200);
    expect(body).not.toHaveProperty('shared_with');
    const scoped = await (await aCaller(library.server, ...own)).client.token(NATIVE, {
      scope: `Client:${client.id}:read`,
    });
    expectProblem(await radiusOf(client.id, withToken(library.server, scoped)), 403);
  });
});

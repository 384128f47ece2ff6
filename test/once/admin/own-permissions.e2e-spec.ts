import { beforeAll, describe, expect, it } from 'vitest';
import { expectProblem } from '../../admin/answers.js';
import { aCaller, withToken } from '../../admin/callers.js';
import { type Admin, admin } from '../../support/admin.js';
import { NATIVE } from '../../support/dialects.js';
import { request } from '../../support/http.js';
import { useLibrary } from '../../support/library.js';

const library = useLibrary();
let root: Admin;

beforeAll(() => {
  root = admin(library.server);
});

const NOTHING = {
  Client: { read: 'none', create: 'none', update: 'none', delete: 'none', rotate: 'none' },
  Resource: { read: 'none', create: 'none', update: 'none', delete: 'none' },
  AccessPolicy: { read: 'none', create: 'none', update: 'none', delete: 'none' },
  TrustedIssuer: { read: 'none', create: 'none', update: 'none', delete: 'none' },
  Session: { read: 'none', delete: 'none' },
  SigningKey: { read: 'none', rotate: 'none' },
  AuditEvent: { read: 'none' },
};

const of = async (rest: Admin, query = '') => {
  const { status, body, text } = await rest.get(`/$permissions${query}`);
  expect(status, text).toBe(200);
  return body;
};

describe('GET /$permissions', () => {
  it('tells an administrator that everything is permitted', async () => {
    const { resourceType, client, permissions } = await of(root);
    expect([resourceType, client]).toEqual(['Permissions', { resourceType: 'Client', id: 'root' }]);
    expect(Object.keys(permissions)).toEqual(Object.keys(NOTHING));
    for (const extents of Object.values(permissions)) {
      expect(new Set(Object.values(extents as object))).toEqual(new Set(['all']));
    }
  });

  it('tells a caller without policies that nothing is', async () => {
    const { id, rest } = await aCaller(library.server);
    expect(await of(rest)).toEqual({
      resourceType: 'Permissions',
      client: { resourceType: 'Client', id },
      permissions: NOTHING,
    });
  });

  it('tells all documents from some, whether they are named or all but some', async () => {
    const { rest } = await aCaller(
      library.server,
      'Client:*:read,update',
      '!Client:root:update',
      'Client:a:delete',
      'Client:b:rotate',
      '!Client:b:rotate',
      'Session:*:*',
    );
    const { permissions } = await of(rest);
    expect(permissions).toEqual({
      ...NOTHING,
      Client: { read: 'all', create: 'none', update: 'some', delete: 'some', rotate: 'none' },
      Session: { read: 'all', delete: 'all' },
    });
  });

  it('agrees with the answer to a request on one document', async () => {
    const { rest } = await aCaller(library.server, 'Client:*:read,update', '!Client:root:update');
    const target = { resourceType: 'Client', id: 'root' };
    expect(await of(rest, '?target=Client/root')).toMatchObject({
      target,
      permissions: {
        Client: { read: 'all', create: 'none', update: 'none', delete: 'none', rotate: 'none' },
      },
    });
    expect((await rest.patch('/Client/root', { description: 'x' })).status).toBe(403);
    expect((await of(rest, '?target=Client/other')).permissions.Client.update).toBe('all');
    expect((await rest.patch('/Client/other', { description: 'x' })).status).toBe(404);
  });

  it('is bound by the scope of the token', async () => {
    const { server } = library;
    const { client } = await aCaller(server, 'Client:*:read,update', 'Session:*:read');
    const token = await client.token(NATIVE, { scope: 'Client:a:update Client:*:read' });
    const { permissions } = await of(withToken(server, token));
    expect(permissions).toEqual({ ...NOTHING, Client: { ...NOTHING.Client, read: 'all' } });
    const narrow = await of(withToken(server, token), '?target=Client/a');
    expect(narrow.permissions.Client).toMatchObject({ read: 'all', update: 'all', delete: 'none' });
  });

  it.each(['Client', 'Client/', 'Client/a/b', 'book/1', 'Client/not an id', ''])(
    'rejects the target %j',
    async (target) => {
      expectProblem(await root.get(`/$permissions?target=${encodeURIComponent(target)}`), 400, ['target']);
    },
  );

  it('requires a caller', async () => {
    expectProblem(await request(`${library.server.url}/$permissions`), 401);
  });
});

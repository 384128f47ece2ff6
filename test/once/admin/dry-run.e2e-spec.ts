import { decodeJwt } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { expectProblem } from '../../admin/answers.js';
import { allow, linkTo } from '../../admin/callers.js';
import { type Admin, admin } from '../../support/admin.js';
import { NATIVE } from '../../support/dialects.js';
import { useLibrary } from '../../support/library.js';
import { aClient, register } from '../../support/registration.js';

const library = useLibrary();
let root: Admin;

const reference = (resourceType: string, id: string) => ({ resourceType, id });

/** A client with a policy of its own, one that it shares, and a resource that it may introspect. */
async function entangled(id: string) {
  const client = await aClient(library.server, id)
    .with({ grant_types: ['basic', 'client_credentials'] })
    .withTokens({ token_format: 'jwt' })
    .withGrant('diary:*:read')
    .register();
  const rules = [allow('book', '1', 'read')];
  const link = linkTo(id, `${id}-other`);
  await root.put(`/Client/${id}-other`, {});
  await register(library.server, 'AccessPolicy', `${id}-shared`, { engine: 'rules', link, rules });
  await register(library.server, 'Resource', `${id}-watched`, { introspection_clients: linkTo(id) });
  return client;
}

beforeAll(() => {
  root = admin(library.server);
});

describe('DELETE with _dryRun=true', () => {
  it('reports what a deletion of a client would remove, and changes nothing (fault C9)', async () => {
    const client = await entangled('tried');
    const token = await client.token(NATIVE);
    const { exp = 0 } = decodeJwt(token);
    const events = async () => (await root.get('/AuditEvent?action=client.delete')).body.total;
    const before = await events();
    for (const _ of [1, 2]) {
      const { status, body } = await root.delete('/Client/tried?_dryRun=true');
      expect(status).toBe(200);
      expect(body).toEqual({
        dry_run: true,
        deleted: [reference('Client', 'tried'), reference('AccessPolicy', 'tried')],
        changed: [reference('AccessPolicy', 'tried-shared'), reference('Resource', 'tried-watched')],
        id_busy_until: new Date(exp * 1000).toISOString(),
      });
    }
    expect((await root.get('/Client/tried')).body.meta.versionId).toBe('1');
    expect((await root.get('/AccessPolicy/tried-shared')).body.meta.versionId).toBe('1');
    expect((await root.get('/Session?client=tried&active=true')).body.total).toBe(1);
    expect((await client.ask(NATIVE, { scope: 'diary:1:read' })).body.scope).toBe('diary:1:read');
    expect(await events()).toBe(before);
  });

  it('rejects a dry run for the same reasons as the deletion (fault C9)', async () => {
    const named = await root.delete('/Resource/tried-watched?_dryRun=true');
    expect([named.status, named.body.deleted]).toEqual([200, [reference('Resource', 'tried-watched')]]);
    await aClient(library.server).withGrant('diary:1:read').register();
    const resource = await root.delete('/Resource/diary?_dryRun=true');
    expect([resource.status, Array.isArray(resource.body.policies)]).toEqual([409, true]);
    expect((await root.delete('/Client/tried?_dryRun=true', { 'if-match': '"7"' })).status).toBe(412);
    expect((await root.delete(`/Client/${library.server.adminId}?_dryRun=true`)).status).toBe(409);
    const weak = await aClient(library.server)
      .with({ grant_types: ['basic'] })
      .register();
    expectProblem(await admin(library.server, weak.basic).delete('/Client/tried?_dryRun=true'), 403);
  });

  it('accepts a dry run for policies and unknown ids, and only the values true and false (fault C9)', async () => {
    const policy = await root.delete('/AccessPolicy/tried?_dryRun=true');
    expect(policy.body).toEqual({
      dry_run: true,
      deleted: [reference('AccessPolicy', 'tried')],
      changed: [],
    });
    expect((await root.delete('/Client/never?_dryRun=true')).body).toEqual({
      dry_run: true,
      deleted: [],
      changed: [],
    });
    for (const query of ['_dryRun', '_dryRun=yes', '_dryRun=true&_dryRun=false', '_dryrun=true']) {
      expect((await root.delete(`/Client/tried?${query}`)).status, query).toBe(400);
    }
    expect((await root.get('/Client/tried')).status).toBe(200);
  });
});

describe('DELETE', () => {
  it('lists in a header what was removed with a client (fault C9)', async () => {
    await entangled('gone');
    const { status, headers, text } = await root.delete('/Client/gone?_dryRun=false');
    expect([status, text]).toEqual([204, '']);
    expect(headers.get('x-deleted-with')).toBe(
      'AccessPolicy/gone deleted, AccessPolicy/gone-shared changed, Resource/gone-watched changed',
    );
    const again = await root.delete('/Client/gone');
    expect([again.status, again.headers.get('x-deleted-with')]).toEqual([204, null]);
  });

  it('lists twenty removed items and counts the rest (fault C9)', async () => {
    await root.put('/Client/many', {});
    for (let n = 10; n < 32; n++) {
      const rules = [allow('book', '1', 'read')];
      await register(library.server, 'AccessPolicy', `many-${n}`, {
        engine: 'rules',
        link: linkTo('many'),
        rules,
      });
    }
    const { headers } = await root.delete('/Client/many');
    const named = (headers.get('x-deleted-with') ?? '').split(', ');
    expect([named.length, named.at(-1)]).toEqual([21, '2 more']);
  });
});

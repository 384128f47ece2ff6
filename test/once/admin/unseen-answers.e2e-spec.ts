import { decodeJwt } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { expectProblem } from '../../admin/answers.js';
import { aCaller, allow, linkTo } from '../../admin/callers.js';
import { type Admin, admin } from '../../support/admin.js';
import { NATIVE } from '../../support/dialects.js';
import { rememberSecret } from '../../support/leaks.js';
import { useLibrary } from '../../support/library.js';
import { aClient } from '../../support/registration.js';

const library = useLibrary();
let root: Admin;

beforeAll(() => {
  root = admin(library.server);
});

describe('A caller that may not read a document', () => {
  it('cannot try the values of read-only members (fault A2)', async () => {
    const client = await aClient(library.server).register();
    const blind = await aCaller(library.server, 'Client:*:update', 'AccessPolicy:*:update', '*:*:*');
    const { secrets } = (await root.get(`/Client/${client.id}`)).body;
    for (const given of [secrets, []]) {
      const patched = await blind.rest.patch(`/Client/${client.id}`, { secrets: given });
      expectProblem(patched, 422, ['secrets']);
      expectProblem(await blind.rest.put(`/Client/${client.id}`, { secrets: given }), 422, ['secrets']);
    }
    const path = '/AccessPolicy/unseen';
    const rules = [allow('diary', '1', 'read')];
    await root.put(path, { engine: 'rules', link: linkTo(client.id), rules });
    for (const except of [[], linkTo('root')]) {
      expectProblem(await blind.rest.patch(path, { except }), 422, ['except']);
    }
  });

  it('cannot tell whether a secret is right (faults A2, E2)', async () => {
    const client = await aClient(library.server).with({ secret: 'a-right-one-of-it' }).register();
    const blind = await aCaller(library.server, `Client:${client.id}:update`);
    const [right, wrong] = [
      await blind.rest.patch(`/Client/${client.id}`, { secret: 'a-right-one-of-it' }),
      await blind.rest.patch(`/Client/${client.id}`, { secret: 'a-wrong-one-of-it' }),
    ];
    expect([right.status, right.body.meta.versionId]).toEqual([200, '2']);
    expect([wrong.status, wrong.body.meta.versionId]).toEqual([200, '3']);
    expect(Object.keys(right.body)).toEqual(Object.keys(wrong.body));
  });

  it('learns from a rejected deletion nothing of it; the audit has the reason (faults A2, C10)', async () => {
    const client = await aClient(library.server).withGrant('book:77:read').register();
    const blind = await aCaller(library.server, 'Client:*:delete');
    const reader = await aCaller(library.server, 'Client:*:delete,read');
    for (const query of ['', '?_dryRun=true']) {
      const hidden = await blind.rest.delete(`/Client/${client.id}${query}`);
      expectProblem(hidden, 403);
      expect(hidden.text).not.toContain('book:77');
      expect((await reader.rest.delete(`/Client/${client.id}${query}`)).text).toContain('book:77:read');
    }
    const events = async () =>
      (await root.get(`/AuditEvent?client=${blind.id}&action=authorization.deny`)).text;
    await expect.poll(events, { timeout: 5000 }).toContain('book:77:read');
  });

  it('learns from a dry run nothing that the deletion would not show (fault A2)', async () => {
    const client = await aClient(library.server).withTokens({ token_format: 'jwt' }).register();
    const { exp = 0 } = decodeJwt(await client.token(NATIVE));
    const path = `/Client/${client.id}?_dryRun=true`;
    const deleted = [{ resourceType: 'Client', id: client.id }];
    const report = { dry_run: true, deleted, changed: [] };
    const blind = await aCaller(library.server, 'Client:*:delete');
    expect((await blind.rest.delete(path)).body).toEqual(report);
    for (const operation of ['read', 'create']) {
      const knowing = await aCaller(library.server, `Client:*:delete,${operation}`);
      const id_busy_until = new Date(exp * 1000).toISOString();
      expect((await knowing.rest.delete(path)).body).toEqual({ ...report, id_busy_until });
    }
  });

  it.each(['$rotate-secret', '$add-secret'])(
    'gets from %s the new secret, and the head of the client only (fault A2)',
    async (operation) => {
      const client = await aClient(library.server).with({ name: 'Hidden' }).register();
      const [blind, reader] = [
        await aCaller(library.server, 'Client:*:rotate'),
        await aCaller(library.server, 'Client:*:rotate,read'),
      ];
      const path = `/Client/${client.id}/${operation}`;
      const { secret_id: _, ...hidden } = (await blind.rest.post(path)).body;
      const shown = (await reader.rest.post(path)).body;
      for (const { secret } of [hidden, shown]) rememberSecret(secret);
      expect(Object.keys(hidden).sort()).toEqual(['id', 'meta', 'resourceType', 'secret']);
      expect(shown).toMatchObject({ name: 'Hidden', secret: expect.any(String) });
    },
  );
});

import { beforeAll, describe, expect, it } from 'vitest';
import { expectProblem, idsOf } from '../../admin/answers.js';
import { allow, linkTo } from '../../admin/callers.js';
import { type Admin, admin } from '../../support/admin.js';
import { NATIVE } from '../../support/dialects.js';
import { useLibrary } from '../../support/library.js';
import { aClient } from '../../support/registration.js';

const library = useLibrary();
let root: Admin;

beforeAll(() => {
  root = admin(library.server);
});

describe('Read-only `secrets` of a client', () => {
  const NONE = [{ secrets: [] }, { secrets: null }, { secrets: 'none' }, { secrets: [{ created: 'x' }] }];

  it.each(NONE)('rejects writing %j (fault E1)', async (members) => {
    await root.put('/Client/kept', { name: 'Kept', secret: 'a secret of it' });
    const { body: before } = await root.get('/Client/kept');
    const answers = [
      await root.patch('/Client/kept', members),
      await root.put('/Client/kept', { ...before, ...members }),
      await root.put('/Client/not-made', { secrets: [{ created: 'x' }] }),
      await root.post('/Client', { id: 'not-made', secrets: [{ created: 'x' }] }),
    ];
    for (const answer of answers) {
      expectProblem(answer, 422, ['secrets']);
      expect(answer.body.errors[0].message).toContain('POST /Client/{id}/$rotate-secret');
    }
    expect((await root.get('/Client/kept')).body).toEqual(before);
    expect((await root.get('/Client/not-made')).status).toBe(404);
  });

  it('accepts `secrets` as shown, whenever the secret was last used (fault E1)', async () => {
    const client = await aClient(library.server, 'used').with({ secret: 'a secret of it' }).register();
    const { body: before } = await root.get('/Client/used');
    await client.token(NATIVE);
    for (const document of [before, { ...before, name: 'renamed' }]) {
      expect((await root.put('/Client/used', document)).status).toBe(200);
    }
    expect((await root.patch('/Client/used', { secrets: before.secrets })).status).toBe(200);
  });
});

describe('Documents of a client written back', () => {
  it('accepts a document from before a rotation, and one of a deleted client (fault C9)', async () => {
    const path = '/Client/restored';
    await root.put(path, { name: 'Restored', grant_types: ['client_credentials'], secret: 'a secret of it' });
    await root.post(`${path}/$rotate-secret`, { overlap: 3600 });
    const { body: rotating } = await root.get(path);
    await root.post(`${path}/$rotate-secret`, {});
    const { body: rotated } = await root.get(path);
    expect(rotated.secrets).not.toEqual(rotating.secrets);
    expect((await root.put(path, rotating)).body).toEqual(rotated);
    expectProblem(await root.patch(path, { secrets: rotating.secrets }), 422, ['secrets']);
    expect((await root.delete(path)).status).toBe(204);
    const { body: events } = await root.get('/AuditEvent?action=client.delete&client=restored');
    const { before } = events.entry[0].resource.detail;
    expect(before.secrets).toEqual(rotated.secrets);
    const restored = await root.put(path, { ...before, secret: 'another secret' });
    expect(restored.status, restored.text).toBe(201);
    expect(restored.body.secrets).toHaveLength(1);
    expect(restored.body.secrets).not.toEqual(before.secrets);
  });

  it.each([
    ['a new end', (created: string) => ({ created, end: '2099-01-01T00:00:00.000Z' })],
    ['a time that is none', () => ({ created: 'yesterday' })],
    ['a time to come', () => ({ created: '2099-01-01T00:00:00.000Z' })],
    ['another member', (created: string) => ({ created, secret: 'x' })],
  ])('rejects `secrets` with %s (fault E1)', async (_, written) => {
    await root.put('/Client/kept-whole', { secret: 'a secret of it' });
    const { body } = await root.get('/Client/kept-whole');
    const secrets = [written(body.secrets[0].created)];
    expectProblem(await root.put('/Client/kept-whole', { ...body, secrets }), 422, ['secrets']);
  });
});

describe.each([
  ['Client', { name: 'x' }],
  ['Resource', { name: 'x', operations: [{ name: 'read' }] }],
  ['AccessPolicy', { engine: 'rules', link: linkTo('root'), rules: [allow('book', '1', 'read')] }],
])('Read-only `meta` of a /%s', (type, members) => {
  it('rejects a patch of `meta`, and unknown members in it (fault E1)', async () => {
    const path = `/${type}/versioned`;
    const { body: before } = await root.put(path, members);
    for (const meta of [{ versionId: '9' }, { lastUpdated: '2020-01-01T00:00:00.000Z' }, null, 'x']) {
      expectProblem(await root.patch(path, { meta }), 422, ['meta']);
    }
    for (const meta of [{ tag: [] }, { profile: 'x' }, 'x', [], null]) {
      expectProblem(await root.put(path, { ...members, meta }), 422, ['meta']);
      expectProblem(await root.post(`/${type}`, { ...members, meta }), 422, ['meta']);
    }
    expect((await root.get(path)).body).toEqual(before);
    expect((await root.patch(path, { meta: before.meta })).status).toBe(200);
    expect((await root.put(path, { ...before, meta: { versionId: '0' } })).status).toBe(200);
  });
});

describe('Read-only members of a session', () => {
  it('rejects other values of read-only members (fault E1)', async () => {
    const client = await aClient(library.server).register();
    await client.token(NATIVE);
    const [id] = idsOf(await root.get(`/Session?client=${client.id}`));
    const { body: shown } = await root.get(`/Session/${id}`);
    for (const members of [
      { scope: ['book:1:write'] },
      { end: '2099-01-01T00:00:00.000Z' },
      { client: linkTo('root')[0] },
      { audience: null },
      { refresh_end: '2099-01-01T00:00:00.000Z' },
    ]) {
      const answer = await root.patch(`/Session/${id}`, { active: false, ...members });
      expectProblem(answer, 422, Object.keys(members));
    }
    expect((await root.get(`/Session/${id}`)).body).toEqual(shown);
    expect((await root.patch(`/Session/${id}`, { ...shown, active: false })).body.active).toBe(false);
  });
});

describe('Drafts of $explain', () => {
  it('rejects the resource type of another document (fault E1)', async () => {
    const draft = { resourceType: 'Client', engine: 'allow', link: linkTo('root') };
    const question = { client: 'root', scope: 'book', policies: [draft] };
    expectProblem(await root.post('/AccessPolicy/$explain', question), 422, ['policies[0].resourceType']);
  });
});

import { beforeAll, describe, expect, it } from 'vitest';
import { expectProblem } from '../../admin/answers.js';
import { aCaller } from '../../admin/callers.js';
import { type Admin, admin } from '../../support/admin.js';
import { aSigningClient } from '../../support/assertions.js';
import { NATIVE } from '../../support/dialects.js';
import { basic, form } from '../../support/http.js';
import { useLibrary } from '../../support/library.js';

const library = useLibrary();
let root: Admin;

beforeAll(() => {
  root = admin(library.server);
});

const SECRETS = ['violet-harbour-91-tin', 'copper-lantern-72-oak', 'amber-thistle-35-fog'] as const;

async function aClientWith(id: string, members: object = {}) {
  const grant_types = ['client_credentials'];
  const { body, status } = await root.put(`/Client/${id}`, { secret: SECRETS[0], grant_types, ...members });
  expect(status).toBe(201);
  return body;
}

const opens = async (id: string, secret: string) =>
  (
    await form(
      `${library.server.url}${NATIVE.token}`,
      { grant_type: 'client_credentials' },
      basic(id, secret),
    )
  ).status === 200;

const add = (id: string, body: object, headers = {}) => root.post(`/Client/${id}/$add-secret`, body, headers);
const end = (id: string, secretId: string, headers = {}) =>
  root.post(`/Client/${id}/$end-secret`, { id: secretId }, headers);

const inTime = (milliseconds: number) => new Date(Date.now() + milliseconds).toISOString();

describe('$add-secret', () => {
  it('adds a generated or chosen secret with its own end and description, beside the others', async () => {
    const id = 'added-1';
    const before = await aClientWith(id);
    const made = await add(id, { description: 'new pods' });
    expect(made.status, made.text).toBe(200);
    const to = inTime(60_000);
    const chosen = await add(id, { secret: SECRETS[1], end: to });
    expect(chosen.body).not.toHaveProperty('secret');
    for (const secret of [SECRETS[0], made.body.secret, SECRETS[1]])
      expect(await opens(id, secret)).toBe(true);
    const { body } = await root.get(`/Client/${id}`);
    const time = expect.stringMatching(/^2.*Z$/);
    expect(body.secrets).toEqual([
      { id: before.secrets[0].id, created: time, last_used: time },
      { id: made.body.secret_id, description: 'new pods', created: time, last_used: time },
      { id: chosen.body.secret_id, created: time, end: to, last_used: time },
    ]);
    expect(body.meta.versionId).toBe('3');
    expect(chosen.headers.get('etag')).toBe('"3"');
  });

  it('adds one that ends by itself', async () => {
    const id = 'added-2';
    await aClientWith(id);
    const { body } = await add(id, { end: inTime(1500) });
    expect(await opens(id, body.secret)).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 1600));
    expect(await opens(id, body.secret)).toBe(false);
    expect(await opens(id, SECRETS[0])).toBe(true);
    expect((await root.get(`/Client/${id}`)).body.secrets).toHaveLength(1);
  });

  it('makes an audit event without the secret', async () => {
    const id = 'added-3';
    await aClientWith(id);
    const { body } = await add(id, { secret: SECRETS[1], description: 'second' });
    const { entry } = (await root.get('/AuditEvent?action=client.add-secret&_count=1')).body;
    const { detail, target } = entry[0].resource;
    expect(target).toEqual({ resourceType: 'Client', id });
    expect(detail.secret_id).toBe(body.secret_id);
    expect([detail.before.secrets.length, detail.after.secrets.length]).toEqual([1, 2]);
    expect(JSON.stringify(entry)).not.toContain(SECRETS[1]);
  });

  it.each([
    [{ secret: 'short' }, ['secret']],
    [{ secret: 'tab\tin the secret' }, ['secret']],
    [{ secret: null }, ['secret']],
    [{ description: 'x'.repeat(256) }, ['description']],
    [{ end: '2001-01-01T00:00:00Z' }, ['end']],
    [{ end: '2099-01-01' }, ['end']],
    [{ expires_in: 60 }, ['expires_in']],
  ])('rejects %j', async (body, paths) => {
    await root.put('/Client/added-4', { secret: SECRETS[0] });
    expectProblem(await add('added-4', body), 422, paths);
  });

  it('rejects a weak secret for a client that may administer', async () => {
    await aClientWith('added-5', { grant_types: ['basic'], secret: 'K7-mountain-quiet-5512' });
    expectProblem(await add('added-5', { secret: 'password123' }), 422, ['secret']);
    expect((await add('added-5', { secret: SECRETS[1] })).status).toBe(200);
  });

  it('rejects a secret that the client has, and one that it had', async () => {
    const id = 'added-6';
    await aClientWith(id);
    expectProblem(await add(id, { secret: SECRETS[0] }), 409);
    const { body } = await add(id, { secret: SECRETS[1] });
    await end(id, body.secret_id);
    expectProblem(await add(id, { secret: SECRETS[1] }), 422, ['secret']);
    expectProblem(await root.patch(`/Client/${id}`, { secret: SECRETS[1] }), 422, ['secret']);
    expect(await opens(id, SECRETS[1])).toBe(false);
  });

  it('adds at most ten, and again after one was ended', async () => {
    const id = 'added-7';
    await aClientWith(id);
    let last = '';
    for (let count = 1; count < 10; count++) last = (await add(id, {})).body.secret_id;
    expectProblem(await add(id, {}), 409);
    await end(id, last);
    expect((await add(id, {})).status).toBe(200);
  });

  it('is 409 for a client that signs, and 404 for none', async () => {
    const { id } = await aSigningClient(library.server);
    expectProblem(await add(id, {}), 409);
    expectProblem(await add('none', {}), 404);
  });
});

describe('$end-secret', () => {
  it('ends one secret at once and no other', async () => {
    const id = 'ended-1';
    const { secrets } = await aClientWith(id);
    const { body: made } = await add(id, {});
    expect(await opens(id, SECRETS[0])).toBe(true);
    const ended = await end(id, secrets[0].id);
    expect([ended.status, ended.body.secrets.map((secret: any) => secret.id)]).toEqual([
      200,
      [made.secret_id],
    ]);
    expect(await opens(id, SECRETS[0])).toBe(false);
    expect(await opens(id, made.secret)).toBe(true);
    expectProblem(await end(id, secrets[0].id), 404);
    const { entry } = (await root.get('/AuditEvent?action=client.end-secret&_count=1')).body;
    expect(entry[0].resource.detail.secret_id).toBe(secrets[0].id);
  });

  it('does not end the secret of another client', async () => {
    const { secrets } = await aClientWith('ended-2');
    await aClientWith('ended-3', { secret: SECRETS[2] });
    expectProblem(await end('ended-3', secrets[0].id), 404);
    expect(await opens('ended-2', SECRETS[0])).toBe(true);
  });

  it.each([[{}], [{ id: 'x' }], [{ id: 7 }]])('rejects %j', async (body) => {
    expectProblem(await root.post('/Client/root/$end-secret', body), 422, ['id']);
  });

  it('never ends the last secret without an end of the last administrator', async () => {
    const { body } = await root.get('/Client/root');
    expect(body.secrets).toHaveLength(1);
    await add('root', { end: inTime(3_600_000) });
    expectProblem(await end('root', body.secrets[0].id), 409);
    const { body: other } = await add('root', {});
    expect((await end('root', other.secret_id)).status).toBe(200);
  });
});

describe('Both operations', () => {
  it('respect If-Match', async () => {
    await aClientWith('both-1');
    const stale = { 'if-match': '"7"' };
    expectProblem(await add('both-1', {}, stale), 412);
    expectProblem(await end('both-1', '0'.repeat(36), stale), 412);
  });

  it('require the permission, and all that the client holds', async () => {
    const strong = await aCaller(library.server, 'Client:*:*', 'book:*:read');
    const [secret] = (await root.get(`/Client/${strong.id}`)).body.secrets;
    const weak = await aCaller(library.server, `Client:${strong.id}:rotate,read`);
    const none = await aCaller(library.server, `Client:${strong.id}:update,read`);
    for (const { rest } of [weak, none]) {
      expectProblem(await rest.post(`/Client/${strong.id}/$add-secret`, {}), 403);
      expectProblem(await rest.post(`/Client/${strong.id}/$end-secret`, { id: secret.id }), 403);
    }
  });
});

describe('A document beside several secrets', () => {
  it.each([0, 1, 2])('changes nothing if it has one of them: %i', async (which) => {
    const id = `several-${which}`;
    await aClientWith(id, { name: 'Several' });
    for (const secret of SECRETS.slice(1)) await add(id, { secret, description: 'one of several' });
    const { body, headers } = await root.get(`/Client/${id}`);
    const document = { name: 'Several', grant_types: ['client_credentials'], secret: SECRETS[which] };
    for (const answer of [
      await root.put(`/Client/${id}`, document),
      await root.patch(`/Client/${id}`, document),
      await root.put(`/Client/${id}`, { ...body, secret: SECRETS[which] }),
    ]) {
      expect([answer.status, answer.headers.get('etag')]).toEqual([200, headers.get('etag')]);
      expect(answer.body.secrets).toHaveLength(3);
    }
    for (const secret of SECRETS) expect(await opens(id, secret)).toBe(true);
  });
});

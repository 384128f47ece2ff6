import { beforeAll, describe, expect, it } from 'vitest';
import { type Admin, admin } from '../support/admin.js';
import { NATIVE } from '../support/dialects.js';
import { LIBRARY, useLibrary } from '../support/library.js';
import { TestClient } from '../support/registration.js';
import { expectProblem } from './answers.js';

const library = useLibrary();
let root: Admin;

beforeAll(() => {
  root = admin(library.server);
});

const moment = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const secretId = expect.stringMatching(/^[0-9a-f-]{36}$/);
const meta = (versionId: string) => ({ versionId, createdAt: moment, lastUpdated: moment });
const head = (id: string, versionId = '1') => ({ resourceType: 'Client', id, meta: meta(versionId) });

const GIFTS = {
  name: 'Gift Deliveries',
  active: true,
  grant_types: ['client_credentials'],
  token_endpoint_auth_method: 'client_secret_basic',
  auth: {
    client_credentials: {
      token_format: 'jwt',
      access_token_expiration: 600,
      refresh_token: true,
      refresh_token_expiration: 86400,
      refresh_token_reuse_grace: 5,
      audience: [LIBRARY, 'http://resource.server.com'],
      signing_alg: 'ES256',
      profile: 'classic',
    },
  },
};

describe('POST /Client', () => {
  it('generates an id and a secret for a new client, shows the secret once and grants nothing (A09, ASVS 14.2.6)', async () => {
    const made = await root.post('/Client');
    expect(made.status, made.text).toBe(201);
    const { id, secret } = made.body;
    expect(id).toMatch(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/);
    expect(secret).toMatch(/^[A-Za-z0-9_~-]{43,}$/);
    const created = moment;
    expect(made.body).toEqual({
      ...head(id),
      active: true,
      grant_types: [],
      secret,
      secrets: [{ id: secretId, created }],
    });
    expect(made.headers.get('location')).toBe(`/Client/${id}`);
    expect(made.headers.get('etag')).toBe('"1"');
    expect(made.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(made.headers.get('cache-control')).toBe('no-store');
    const { secret: _, ...rest } = made.body;
    expect((await root.get(`/Client/${id}`)).body).toEqual(rest);
  });

  it('grants nothing for omitted members of a new client: no grant, no scope (A07, ASVS 8.2.1, CVE-2026-18570)', async () => {
    const { body } = await root.post('/Client');
    const made = new TestClient(library.server, body.id, body.secret);
    expect((await made.ask(NATIVE)).body).toMatchObject({ error: 'unauthorized_client' });
    expectProblem(await admin(library.server, made.basic).get('/Session'), 401);
    await root.patch(`/Client/${body.id}`, { grant_types: ['client_credentials'] });
    const asked = await made.ask(NATIVE, { scope: 'book:1:read' });
    expect(asked.body).toMatchObject({ error: 'invalid_scope', rejected_scope: 'book:1:read' });
    expect((await made.ask(NATIVE)).body).not.toHaveProperty('refresh_token');
  });

  it('generates another id and another secret each time', async () => {
    const made = await Promise.all(Array.from({ length: 5 }, () => root.post('/Client', { name: 'five' })));
    expect(new Set(made.map(({ body }) => body.id)).size).toBe(5);
    expect(new Set(made.map(({ body }) => body.secret)).size).toBe(5);
  });

  it('accepts an id and a secret, and never shows a given secret', async () => {
    const made = await root.post('/Client', { id: 'chosen', secret: 'verysecret' });
    expect(made.status, made.text).toBe(201);
    expect(made.body).toEqual({
      ...head('chosen'),
      active: true,
      grant_types: [],
      secrets: [{ id: secretId, created: moment }],
    });
    expect(made.text).not.toContain('verysecret');
  });

  it('generates no secret when it is null', async () => {
    const made = await root.post('/Client', { id: 'secretless', secret: null });
    expect(made.status, made.text).toBe(201);
    expect(made.body).toEqual({ ...head('secretless'), active: true, grant_types: [] });
  });

  it('rejects an existing id with 409 and changes nothing', async () => {
    await root.post('/Client', { id: 'taken', name: 'first' });
    expectProblem(await root.post('/Client', { id: 'taken', name: 'second' }), 409);
    expect((await root.get('/Client/taken')).body).toMatchObject({ name: 'first', meta: { versionId: '1' } });
  });
});

describe('PUT /Client/:id', () => {
  it('creates a client with exactly the given members, without a generated secret', async () => {
    const made = await root.put('/Client/gifts', GIFTS);
    expect(made.status, made.text).toBe(201);
    expect(made.body).toEqual({ ...head('gifts'), ...GIFTS });
    expect(made.headers.get('location')).toBe('/Client/gifts');
    expect(made.headers.get('etag')).toBe('"1"');
    expect((await root.get('/Client/gifts')).body).toEqual(made.body);
  });

  it('resets every omitted member of a client except active and the secrets', async () => {
    const before = await root.put('/Client/replaced', { ...GIFTS, active: false, secret: 'verysecret' });
    const after = await root.put('/Client/replaced', {});
    expect(after.status, after.text).toBe(200);
    expect(after.body).toEqual({
      ...head('replaced', '2'),
      active: false,
      grant_types: [],
      secrets: before.body.secrets,
    });
    expect(after.body.meta.createdAt).toBe(before.body.meta.createdAt);
    expect(after.headers.get('etag')).toBe('"2"');
    expect(after.headers.get('location')).toBeNull();
    expect((await root.put('/Client/replaced', { active: true })).body.active).toBe(true);
  });

  it('accepts token_expiration for access_token_expiration', async () => {
    const older = { auth: { client_credentials: { token_expiration: 77 } } };
    const made = await root.put('/Client/older', older);
    expect(made.body.auth).toEqual({ client_credentials: { access_token_expiration: 77 } });
    const both = { token_expiration: 77, access_token_expiration: 77 };
    expect((await root.put('/Client/older', { auth: { client_credentials: both } })).status).toBe(200);
  });

  it('rejects a token_expiration that contradicts access_token_expiration', async () => {
    const both = { token_expiration: 77, access_token_expiration: 78 };
    const answer = await root.put('/Client/older', { auth: { client_credentials: both } });
    expectProblem(answer, 422, ['auth.client_credentials.token_expiration']);
  });

  it('accepts the document that GET shows, ignoring read-only members', async () => {
    const { body } = await root.put('/Client/written-back', { ...GIFTS, secret: 'verysecret' });
    const again = await root.put('/Client/written-back', {
      ...body,
      meta: { versionId: '99', createdAt: 'never', lastUpdated: null },
    });
    expect(again.status, again.text).toBe(200);
    // Nothing has changed: it is the same version (fault E2).
    expect(again.body).toEqual(body);
  });

  it('removes duplicate grant types', async () => {
    const { body } = await root.put('/Client/twice', { grant_types: ['basic', 'basic'] });
    expect(body.grant_types).toEqual(['basic']);
  });
});

describe('PATCH /Client/:id', () => {
  it('changes only the named members of a client', async () => {
    await root.put('/Client/patched', GIFTS);
    const patch = { name: 'New', auth: { client_credentials: { token_format: 'opaque' } } };
    const after = await root.patch('/Client/patched', patch);
    expect(after.status, after.text).toBe(200);
    const auth = { client_credentials: { ...GIFTS.auth.client_credentials, token_format: 'opaque' } };
    expect(after.body).toEqual({ ...head('patched', '2'), ...GIFTS, name: 'New', auth });
  });

  it('removes a member with null, at any depth', async () => {
    await root.put('/Client/emptied', GIFTS);
    const nulls = { token_format: null, audience: null, signing_alg: null, profile: null };
    const after = await root.patch('/Client/emptied', {
      name: null,
      token_endpoint_auth_method: null,
      auth: { client_credentials: nulls },
    });
    expect(after.body).toEqual({
      ...head('emptied', '2'),
      active: true,
      grant_types: GIFTS.grant_types,
      auth: {
        client_credentials: {
          access_token_expiration: 600,
          refresh_token: true,
          refresh_token_expiration: 86400,
          refresh_token_reuse_grace: 5,
        },
      },
    });
    expect((await root.patch('/Client/emptied', { auth: null })).body).not.toHaveProperty('auth');
  });

  it('accepts the older name of a member in a patch', async () => {
    await root.put('/Client/older-patch', { auth: { client_credentials: { access_token_expiration: 10 } } });
    const patch = { auth: { client_credentials: { token_expiration: 20 } } };
    const after = await root.patch('/Client/older-patch', patch);
    expect(after.body.auth).toEqual({ client_credentials: { access_token_expiration: 20 } });
    const gone = await root.patch('/Client/older-patch', {
      auth: { client_credentials: { token_expiration: null } },
    });
    expect(gone.body).not.toHaveProperty('auth');
  });

  it('replaces a list as a whole', async () => {
    await root.put('/Client/listed', GIFTS);
    const after = await root.patch('/Client/listed', {
      auth: { client_credentials: { audience: ['urn:x'] } },
    });
    expect(after.body.auth.client_credentials.audience).toEqual(['urn:x']);
  });

  it('never enables a client by omitting or removing active', async () => {
    await root.put('/Client/disabled', { active: false });
    expect((await root.patch('/Client/disabled', { name: 'x' })).body.active).toBe(false);
    expect((await root.put('/Client/disabled', { name: 'y' })).body.active).toBe(false);
    const nulled = await root.patch('/Client/disabled', { active: null });
    expectProblem(nulled, 422, ['active']);
    expect(nulled.body.errors[0].message).toBe('must be true or false');
    expect((await root.get('/Client/disabled')).body.active).toBe(false);
  });

  it('rejects a patch of an unknown client with 404', async () => {
    expectProblem(await root.patch('/Client/nobody', {}), 404);
    expectProblem(await root.patch('/Client/nobody', { id: 'nobody' }), 404);
  });
});

describe('DELETE /Client/:id', () => {
  it('deletes a client with 204, and again with 204', async () => {
    await root.put('/Client/deleted', {});
    for (const _ of [1, 2]) {
      const answer = await root.delete('/Client/deleted');
      expect(answer.status, answer.text).toBe(204);
      expect(answer.text).toBe('');
    }
    expectProblem(await root.get('/Client/deleted'), 404);
  });

  it('allows the id of a deleted client without tokens to be used for a new one', async () => {
    const first = await root.put('/Client/phoenix', { name: 'old', secret: 'oldsecret', active: false });
    await root.delete('/Client/phoenix');
    const next = await root.post('/Client', { id: 'phoenix', secret: null });
    expect(next.status, next.text).toBe(201);
    expect(next.body).toEqual({ ...head('phoenix'), active: true, grant_types: [] });
    expect(next.body.meta.createdAt >= first.body.meta.createdAt).toBe(true);
  });
});

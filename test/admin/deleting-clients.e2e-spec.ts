import { setTimeout as sleep } from 'node:timers/promises';
import { decodeJwt } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Admin, admin } from '../support/admin.js';
import { AUTH0, NATIVE } from '../support/dialects.js';
import { bearer, form, get } from '../support/http.js';
import { LIBRARY, useLibrary } from '../support/library.js';
import { aClient, register } from '../support/registration.js';
import { expectProblem, idsOf } from './answers.js';
import { allow, linkTo, withToken } from './callers.js';

const library = useLibrary();
let root: Admin;

beforeAll(() => {
  root = admin(library.server);
});

describe('Deleting a client', () => {
  it('removes a deleted client from the links of policies, each with a new version', async () => {
    for (const id of ['a', 'b', 'c']) await root.put(`/Client/${id}`, {});
    const rules = [allow('book', '1', 'read')];
    await register(library.server, 'AccessPolicy', 'abc', {
      engine: 'rules',
      link: linkTo('a', 'b', 'c'),
      rules,
    });
    expect((await root.delete('/Client/b')).status).toBe(204);
    const { body } = await root.get('/AccessPolicy/abc');
    expect(body).toMatchObject({ link: linkTo('a', 'c'), rules, meta: { versionId: '2' } });
    expect(idsOf(await root.get('/AccessPolicy?client=b'))).toEqual([]);
    expect(idsOf(await root.get('/AccessPolicy?client=a'))).toEqual(['abc']);
  });

  it('deletes the policies whose last link was the client, with engine allow or rules, and no others', async () => {
    await root.put('/Client/last', {});
    await register(library.server, 'AccessPolicy', 'last-allow', { engine: 'allow', link: linkTo('last') });
    const rules = [allow('book', '1', 'read')];
    await register(library.server, 'AccessPolicy', 'last-rules', {
      engine: 'rules',
      link: linkTo('last'),
      rules,
    });
    await register(library.server, 'AccessPolicy', 'for-all', { engine: 'rules', everyone: true, rules });
    await root.delete('/Client/last');
    expectProblem(await root.get('/AccessPolicy/last-allow'), 404);
    expectProblem(await root.get('/AccessPolicy/last-rules'), 404);
    expect((await root.get('/AccessPolicy/for-all')).body).toMatchObject({
      everyone: true,
      meta: { versionId: '1' },
    });
    await root.delete('/AccessPolicy/for-all');
  });

  it('releases the resources that the deleted policies held', async () => {
    await register(library.server, 'Resource', 'held', { operations: [{ name: 'read' }] });
    await aClient(library.server, 'holder').withGrant('held:1:read').register();
    expectProblem(await root.delete('/Resource/held'), 409);
    await root.delete('/Client/holder');
    expect((await root.delete('/Resource/held')).status).toBe(204);
  });

  it('removes a deleted client from the introspection clients of resources', async () => {
    for (const id of ['watcher', 'other-watcher']) await root.put(`/Client/${id}`, {});
    await register(library.server, 'Resource', 'watched', {
      introspection_clients: linkTo('watcher', 'other-watcher'),
    });
    await root.delete('/Client/watcher');
    const { body } = await root.get('/Resource/watched');
    expect(body).toMatchObject({ introspection_clients: linkTo('other-watcher'), meta: { versionId: '2' } });
    await root.delete('/Client/other-watcher');
    expect((await root.get('/Resource/watched')).body).not.toHaveProperty('introspection_clients');
  });

  it('closes the sessions of a deleted client, so that its tokens and secret are rejected immediately (R10, ASVS 7.4.2)', async () => {
    const client = await aClient(library.server, 'gone')
      .withTokens({ refresh_token: true })
      .withGrant('Client:*:read', 'book:*:read')
      .register();
    const { body } = await client.ask(NATIVE);
    const jwt = await client.token(AUTH0, { audience: library.own, scope: 'Client:*:read' });
    const opens = async (token: string) => (await withToken(library.server, token).get('/Client')).status;
    for (const token of [body.access_token, jwt]) expect(await opens(token)).toBe(200);
    await root.delete('/Client/gone');
    for (const token of [body.access_token, jwt]) expect(await opens(token)).toBe(401);
    expect((await client.ask(NATIVE)).status).toBe(401);
    const refresh = { grant_type: 'refresh_token', refresh_token: body.refresh_token };
    expect((await client.post(NATIVE, refresh)).status).toBe(401);
    const { body: sessions } = await root.get('/Session?client=gone');
    expect(sessions.total).toBe(2);
    for (const { resource } of sessions.entry) expect(resource).toMatchObject({ active: false });
    expect((await root.get('/Session?client=gone&active=true')).body.total).toBe(0);
  });

  it('answers 204 for an unknown client, but requires the permission', async () => {
    expect((await root.delete('/Client/never')).status).toBe(204);
    expect((await root.delete('/Client/a%20b')).status).toBe(204);
    const nobody = await aClient(library.server)
      .with({ grant_types: ['basic'] })
      .register();
    expectProblem(await admin(library.server, nobody.basic).delete('/Client/never'), 403);
  });

  it('lets a client delete itself, after which it cannot authenticate', async () => {
    const self = await aClient(library.server)
      .with({ grant_types: ['basic'] })
      .withGrant('Client:*:delete')
      .register();
    const rest = admin(library.server, self.basic);
    expect((await rest.delete(`/Client/${self.id}`)).status).toBe(204);
    expectProblem(await rest.delete(`/Client/${self.id}`), 401);
  });
});

describe('The id of a deleted client', () => {
  it('keeps the id of a deleted client reserved until its last token has expired', async () => {
    const client = await aClient(library.server, 'busy')
      .withTokens({ access_token_expiration: 8, token_format: 'jwt' })
      .withGrant('book:*:read')
      .register();
    const old = await client.token(NATIVE, { audience: LIBRARY, scope: 'book:1:read' });
    await root.delete('/Client/busy');
    expectProblem(await root.put('/Client/busy', { secret: 'verysecret' }), 409);
    expectProblem(await root.post('/Client', { id: 'busy' }), 409);
    expect((await root.get('/Client/busy')).status).toBe(404);
    await sleep((decodeJwt(old).exp as number) * 1000 + 200 - Date.now());
    const made = await root.put('/Client/busy', { grant_types: ['basic'], secret: 'a secret that stays' });
    expect(made.status, made.text).toBe(201);
    const rest = withToken(library.server, old);
    expectProblem(await rest.delete('/Session'), 401);
  });

  it('reports until when the id is reserved for JWTs (fault C9)', async () => {
    const client = await aClient(library.server, 'dated')
      .withTokens({ token_format: 'jwt', access_token_expiration: 600 })
      .register();
    const { exp = 0 } = decodeJwt(await client.token(NATIVE));
    const earlier = await client.token(NATIVE, {});
    expect(decodeJwt(earlier).exp).toBeGreaterThanOrEqual(exp);
    await root.delete('/Client/dated');
    const until = new Date((decodeJwt(earlier).exp ?? 0) * 1000).toISOString();
    for (const answer of [
      await root.put('/Client/dated', {}),
      await root.post('/Client', { id: 'dated', secret: 'verysecret' }),
    ]) {
      expect([answer.status, answer.body.until]).toEqual([409, until]);
      expect(answer.body.detail).toBe(
        `APIs accept JWTs of the deleted client dated until ${until}: use another id, or repeat the request then`,
      );
    }
  });

  it('frees the id immediately if the tokens are opaque, and rejects them all (fault C9)', async () => {
    const client = await aClient(library.server, 'opaque')
      .with({ secret: 'a secret that stays', grant_types: ['client_credentials'] })
      .withTokens({ refresh_token: true })
      .withGrant('Client:*:read', 'diary:*:read')
      .register();
    const { body: old } = await client.ask(NATIVE);
    await root.delete('/Client/opaque');
    const members = { grant_types: ['client_credentials'], secret: 'a secret that stays' };
    const auth = { client_credentials: { refresh_token: true } };
    expect((await root.put('/Client/opaque', { ...members, auth })).status).toBe(201);
    await register(library.server, 'AccessPolicy', 'opaque', {
      engine: 'rules',
      link: linkTo('opaque'),
      rules: [allow('Client', '*', 'read'), allow('diary', '*', 'read')],
    });
    const { url } = library.server;
    expectProblem(await withToken(library.server, old.access_token).get('/Client'), 401);
    expect((await get(`${url}/auth/verify?scope=diary:1:read`, bearer(old.access_token))).status).toBe(401);
    for (const token of [old.access_token, old.refresh_token]) {
      expect((await form(`${url}/auth/introspect`, { token }, client.basic)).body).toEqual({ active: false });
    }
    const refresh = { grant_type: 'refresh_token', refresh_token: old.refresh_token };
    expect((await client.post(NATIVE, refresh)).body.error).toBe('invalid_grant');
    expect((await withToken(library.server, await client.token(NATIVE)).get('/Client')).status).toBe(200);
  });

  it('keeps the id reserved for closed JWTs, since verifiers may still accept them', async () => {
    const client = await aClient(library.server, 'closed').withTokens({ token_format: 'jwt' }).register();
    const token = await client.token(NATIVE);
    expect((await withToken(library.server, token).delete('/Session')).status).toBe(204);
    await root.delete('/Client/closed');
    expectProblem(await root.post('/Client', { id: 'closed' }), 409);
  });

  it('gives a new client nothing of the deleted one', async () => {
    const old = await aClient(library.server, 'heir')
      .with({ grant_types: ['basic', 'client_credentials'] })
      .withTokens({ access_token_expiration: 1 })
      .withGrant('Client:*:read')
      .register();
    const token = await old.token(NATIVE);
    await root.delete('/Client/heir');
    await sleep(1_200);
    const made = await root.post('/Client', {
      id: 'heir',
      grant_types: ['basic'],
      secret: 'a secret that stays',
    });
    expect(made.status, made.text).toBe(201);
    expectProblem(await admin(library.server, old.basic).get('/Client'), 401);
    expectProblem(await withToken(library.server, token).get('/Client'), 401);
    expect((await root.get('/AccessPolicy?client=heir')).body.total).toBe(0);
    expect((await root.get('/Session?client=heir&active=true')).body.total).toBe(0);
  });
});

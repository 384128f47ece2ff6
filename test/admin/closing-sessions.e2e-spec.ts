import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Admin, admin } from '../support/admin.js';
import { AUTH0, NATIVE } from '../support/dialects.js';
import { form, raw } from '../support/http.js';
import { LIBRARY, useLibrary } from '../support/library.js';
import { aClient, type TestClient } from '../support/registration.js';
import { expectProblem, idsOf } from './answers.js';
import { aCaller, withToken } from './callers.js';

const library = useLibrary({ env: { LATCHKEY_UNREGISTERED_AUDIENCE: 'allow' } });
let root: Admin;
let client: TestClient;

const aReader = (...rules: string[]) =>
  aClient(library.server)
    .with({ grant_types: ['basic', 'client_credentials'] })
    .withTokens({ refresh_token: true })
    .withGrant('Client:*:read', 'book:*:read', ...rules)
    .register();

beforeAll(async () => {
  root = admin(library.server);
  client = await aReader();
});

const opens = async (token: string) => (await withToken(library.server, token).get('/Client')).status === 200;
const newest = async ({ id }: TestClient): Promise<string> =>
  idsOf(await root.get(`/Session?client=${id}&_count=1`))[0] as string;

describe('DELETE /Session with an access token', () => {
  it('closes the session of the access token with 204, and again with 204 (R08, R09, RFC 7009 2.2)', async () => {
    const token = await client.token(NATIVE);
    const id = await newest(client);
    const rest = withToken(library.server, token);
    expect(await opens(token)).toBe(true);
    for (const _ of [1, 2, 3]) {
      const answer = await rest.delete('/Session');
      expect(answer.status, answer.text).toBe(204);
      expect(answer.text).toBe('');
    }
    expect(await opens(token)).toBe(false);
    expect((await root.get(`/Session/${id}`)).body).toMatchObject({ active: false });
  });

  it.each([
    ['another audience', NATIVE, { audience: LIBRARY, scope: 'book:1:read' }],
    ['an unregistered audience', NATIVE, { audience: 'urn:elsewhere' }],
    ['a JWT of the auth0 dialect', AUTH0, { audience: LIBRARY, scope: 'book:1:read' }],
  ])('closes the session with %s', async (_, dialect, fields) => {
    const rest = withToken(library.server, await client.token(dialect, fields as Record<string, string>));
    const id = await newest(client);
    expect((await rest.delete('/Session')).status).toBe(204);
    expect((await root.get(`/Session/${id}`)).body.active).toBe(false);
    expect((await rest.delete('/Session')).status).toBe(204);
  });

  it.each(['', ';', 'application/json, text/yaml', 'text/plain'])(
    'closes the session whatever media type a request without a body names: %j (R09, RFC 9110 9.3.5)',
    async (type) => {
      const token = await (await aClient(library.server).register()).token(NATIVE);
      const head = `DELETE /Session HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n`;
      const rest = `Content-Type: ${type}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`;
      expect(await raw(library.server.port, head + rest)).toMatch(/^HTTP\/1\.1 204 /);
      expect((await withToken(library.server, token).get('/Session')).status).toBe(401);
    },
  );

  it('closes the family of the session, so that its refresh token is rejected', async () => {
    const { body } = await client.ask(NATIVE);
    await withToken(library.server, body.access_token).delete('/Session');
    const refresh = { grant_type: 'refresh_token', refresh_token: body.refresh_token };
    expect((await client.post(NATIVE, refresh)).body).toMatchObject({ error: 'invalid_grant' });
  });

  it('answers 204 for a revoked token and leaves its family open (R11, RFC 7009 2)', async () => {
    const { body } = await client.ask(NATIVE);
    const revoked = await form(
      `${library.server.url}/auth/revoke`,
      { token: body.access_token },
      client.basic,
    );
    expect(revoked.status).toBe(200);
    expect((await withToken(library.server, body.access_token).delete('/Session')).status).toBe(204);
    const refresh = { grant_type: 'refresh_token', refresh_token: body.refresh_token };
    const refreshed = await client.post(NATIVE, refresh);
    expect(refreshed.status).toBe(200);
    const id = await newest(client);
    expect((await root.delete(`/Session/${id}`)).status).toBe(204);
    const again = { grant_type: 'refresh_token', refresh_token: refreshed.body.refresh_token };
    expect((await client.post(NATIVE, again)).body).toMatchObject({ error: 'invalid_grant' });
  });

  it('leaves other sessions of the client open', async () => {
    const [first, second] = [await client.token(NATIVE), await client.token(NATIVE)];
    await withToken(library.server, first).delete('/Session');
    expect(await opens(second)).toBe(true);
  });

  it('accepts the token of a disabled or deleted client with 204 until it expires', async () => {
    const doomed = await aReader();
    const rest = withToken(library.server, await doomed.token(NATIVE));
    await root.patch(`/Client/${doomed.id}`, { active: false });
    expect((await rest.delete('/Session')).status).toBe(204);
    await root.delete(`/Client/${doomed.id}`);
    expect((await rest.delete('/Session')).status).toBe(204);
  });

  it('rejects an unknown or expired token with 401', async () => {
    const short = await aClient(library.server).withTokens({ access_token_expiration: 1 }).register();
    const token = await short.token(NATIVE);
    await sleep(1_200);
    expectProblem(await withToken(library.server, token).delete('/Session'), 401);
    expectProblem(await withToken(library.server, 'lka_unknown').delete('/Session'), 401);
    expectProblem(await withToken(library.server, `${token}x`).delete('/Session'), 401);
    expectProblem(await admin(library.server, {}).delete('/Session'), 401);
  });

  it('rejects Basic without a query with 400, since there is no session to close', async () => {
    expectProblem(await root.delete('/Session'), 400);
    expectProblem(await root.delete('/Session?'), 400);
  });

  it.each([
    'all=true',
    'active=true',
    'client=',
    'client=a&client=b',
    'client=a&active=true',
    '_id=x',
    'client=%20',
    'Client=x',
    'id=x',
    '%63lient',
    'client=Resource/x',
    'client=*',
  ])('rejects another query with 400 and closes nothing: %s', async (query) => {
    const token = await client.token(NATIVE);
    const answer = await root.delete(`/Session?${query}`);
    expect(answer.status, answer.text).toBe(400);
    const own = await withToken(library.server, token).delete(`/Session?${query}`);
    expect(own.status, own.text).toBe(400);
    expect(await opens(token)).toBe(true);
  });
});

describe('DELETE /Session?client= without an id', () => {
  it('says what the parameter must be', async () => {
    for (const value of ['', '%20', '*', 'Resource/x']) {
      const answer = await root.delete(`/Session?client=${value}`);
      expectProblem(answer, 400, ['client']);
      expect(answer.body.errors[0].message).toBe(
        'must be the id of a client, as api-client or Client/api-client',
      );
    }
  });
});

describe('DELETE /Session/:id', () => {
  it('closes a session and its family by id with 204, and again with 204', async () => {
    const { body } = await client.ask(NATIVE);
    const other = await client.token(NATIVE);
    const [, id] = idsOf(await root.get(`/Session?client=${client.id}`));
    expect((await root.delete(`/Session/${id}`)).status).toBe(204);
    expect((await root.delete(`/Session/${id}`)).status).toBe(204);
    expect(await opens(body.access_token)).toBe(false);
    expect(await opens(other)).toBe(true);
    const refresh = { grant_type: 'refresh_token', refresh_token: body.refresh_token };
    expect((await client.post(NATIVE, refresh)).body).toMatchObject({ error: 'invalid_grant' });
  });

  it('answers 204 for an unknown session', async () => {
    for (const id of ['x', '01890000-0000-7000-8000-000000000000', '%00', '%F0%9F%98%80', 'a'.repeat(100)]) {
      expect((await root.delete(`/Session/${id}`)).status).toBe(204);
    }
  });
});

describe('DELETE /Session?client', () => {
  it.each(['', 'Client/'])(
    'closes all sessions of one client and of no other: client=%sid',
    async (prefix) => {
      const many = await aReader();
      const tokens = await Promise.all(Array.from({ length: 12 }, () => many.token(NATIVE)));
      const other = await client.token(NATIVE);
      expect((await root.delete(`/Session?client=${prefix}${many.id}`)).status).toBe(204);
      for (const token of tokens) expect(await opens(token)).toBe(false);
      expect(await opens(other)).toBe(true);
      expect((await root.get(`/Session?client=${many.id}&active=true`)).body.total).toBe(0);
      expect((await root.get(`/Session?client=${many.id}&active=false`)).body.total).toBe(12);
      expect(await opens(await many.token(NATIVE))).toBe(true);
      expect((await root.delete(`/Session?client=${prefix}${many.id}`)).status).toBe(204);
    },
  );

  it('answers 204 for an unknown client', async () => {
    expect((await root.delete('/Session?client=nobody')).status).toBe(204);
  });

  it('neither changes the version of the client nor disables it', async () => {
    const before = (await root.get(`/Client/${client.id}`)).body;
    await root.delete(`/Session?client=${client.id}`);
    expect((await root.get(`/Client/${client.id}`)).body).toMatchObject({ active: true, meta: before.meta });
  });
});

describe('PATCH /Session/:id', () => {
  it('closes a session with active: false and shows it', async () => {
    const token = await client.token(NATIVE);
    const id = await newest(client);
    for (const _ of [1, 2]) {
      const answer = await root.patch(`/Session/${id}`, { active: false });
      expect(answer.status, answer.text).toBe(200);
      expect(answer.body).toMatchObject({
        resourceType: 'Session',
        id,
        active: false,
        meta: { versionId: '2' },
      });
      expect(answer.headers.get('etag')).toBe('"2"');
    }
    expect(await opens(token)).toBe(false);
  });

  it('rejects reopening a session', async () => {
    const id = await newest(client);
    expectProblem(await root.patch(`/Session/${id}`, { active: true }), 422, ['active']);
    expect((await root.get(`/Session/${id}`)).body.active).toBe(false);
  });

  it.each([
    [{}, ['active']],
    [{ active: null }, ['active']],
    [{ active: 'false' }, ['active']],
    [{ active: false, bogus: 1 }, ['bogus']],
    [{ active: false, id: 'other' }, ['id']],
    [{ active: false, resourceType: 'Client' }, ['resourceType']],
    [{ active: 0, token: 'x' }, ['active', 'token']],
  ])('rejects the patch %j with 422 and changes nothing', async (body, paths) => {
    const token = await client.token(NATIVE);
    expectProblem(await root.patch(`/Session/${await newest(client)}`, body), 422, paths);
    expect(await opens(token)).toBe(true);
  });

  it('accepts the document that GET shows and rejects any other change', async () => {
    await client.token(NATIVE);
    const { body } = await root.get(`/Session/${await newest(client)}`);
    const written = { ...body, active: false };
    const changed = { ...written, end: '2999-01-01T00:00:00.000Z' };
    expectProblem(await root.patch(`/Session/${body.id}`, changed), 422, ['end']);
    const answer = await root.patch(`/Session/${body.id}`, written);
    expect(answer.status, answer.text).toBe(200);
    expect(answer.body).toEqual({
      ...body,
      active: false,
      meta: expect.objectContaining({ versionId: '2' }),
    });
  });

  it('rejects a patch of an unknown session with 404', async () => {
    expectProblem(await root.patch('/Session/01890000-0000-7000-8000-000000000000', { active: false }), 404);
    expectProblem(await root.patch('/Session/x', { active: false }), 404);
  });
});

describe('Permission to close sessions', () => {
  it('lets a caller close only sessions of clients for which it has the delete permission (R09, ASVS 8.2.2)', async () => {
    const target = await aReader();
    const closer = await aCaller(library.server, `Session:${target.id}:delete`);
    const token = await target.token(NATIVE);
    const id = await newest(target);
    await client.token(NATIVE);
    expectProblem(await closer.rest.delete(`/Session/${await newest(client)}`), 403);
    expectProblem(await closer.rest.patch(`/Session/${await newest(client)}`, { active: false }), 403);
    expectProblem(await closer.rest.delete(`/Session?client=${client.id}`), 403);
    expect((await closer.rest.patch(`/Session/${id}`, { active: false })).status).toBe(200);
    expect(await opens(token)).toBe(false);
    expect((await closer.rest.delete(`/Session/${id}`)).status).toBe(204);
    expect((await closer.rest.delete(`/Session?client=${target.id}`)).status).toBe(204);
  });
});

import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { admin } from '../support/admin.js';
import { NATIVE } from '../support/dialects.js';
import { basic, bearer, form, get } from '../support/http.js';
import { rememberSecret } from '../support/leaks.js';
import { aClient, type TestClient } from '../support/registration.js';
import { startServer, type TestServer } from '../support/server.js';
import { expectProblem } from './answers.js';

let server: TestServer;

beforeAll(async () => {
  server = await startServer();
});

afterAll(() => server.stop());

const aClientWithSecret = () => aClient(server).with({ secret: 'verysecret' }).register();

const rotate = async (client: TestClient, body?: object, headers?: Record<string, string>) => {
  const answer = await admin(server).post(`/Client/${client.id}/$rotate-secret`, body, headers);
  if (answer.body?.secret) rememberSecret(answer.body.secret);
  return answer;
};

const statusWith = async (client: TestClient, secret: string) => {
  const fields = { grant_type: 'client_credentials' };
  return (await form(server.url + NATIVE.token, fields, basic(client.id, secret))).status;
};

describe('POST /Client/:id/$rotate-secret', () => {
  it('creates a secret that is shown once, and ends older secrets immediately', async () => {
    const client = await aClientWithSecret();
    const { status, body, headers } = await rotate(client);
    expect(status).toBe(200);
    expect(body.secret).toMatch(/^lks_[A-Za-z0-9_-]{49}$/);
    expect([headers.get('etag'), headers.get('cache-control')]).toEqual(['"2"', 'no-store']);
    expect(await statusWith(client, body.secret)).toBe(200);
    expect(await statusWith(client, 'verysecret')).toBe(401);
    expect((await admin(server).get(`/Client/${client.id}`)).text).not.toContain(body.secret);
  });

  it('keeps older secrets valid for the overlap and no longer (C16, ASVS 13.3.4)', async () => {
    const client = await aClientWithSecret();
    const { body } = await rotate(client, { overlap: 2 });
    expect([await statusWith(client, 'verysecret'), await statusWith(client, body.secret)]).toEqual([
      200, 200,
    ]);
    await sleep(2100);
    expect([await statusWith(client, 'verysecret'), await statusWith(client, body.secret)]).toEqual([
      401, 200,
    ]);
  });

  it('rotates only the version in If-Match, and changes nothing otherwise (RFC 9110 13.1.1)', async () => {
    const client = await aClientWithSecret();
    for (const tag of ['"2"', '"0"', '1', '']) {
      expectProblem(await rotate(client, { close_sessions: true }, { 'if-match': tag }), 412);
    }
    expectProblem(await rotate(client, {}, { 'if-none-match': '*' }), 412);
    expect(await statusWith(client, 'verysecret')).toBe(200);
    expect((await admin(server).get(`/Client/${client.id}`)).body.secrets).toHaveLength(1);
    expect((await rotate(client, {}, { 'if-match': '"1"' })).status).toBe(200);
    expectProblem(await rotate(client, {}, { 'if-match': '"1"' }), 412);
    expect((await rotate(client, {}, { 'if-match': 'W/"2"' })).status).toBe(200);
  });

  it('never extends the lifetime of an older secret', async () => {
    const client = await aClientWithSecret();
    await rotate(client, { overlap: 1 });
    await rotate(client, { overlap: 3600 });
    await sleep(1100);
    expect(await statusWith(client, 'verysecret')).toBe(401);
  });

  it('shows when each secret was created, ends and was last used', async () => {
    const client = await aClientWithSecret();
    await statusWith(client, 'verysecret');
    await rotate(client, { overlap: 3600 });
    const { body } = await admin(server).get(`/Client/${client.id}`);
    const secretId = expect.stringMatching(/^[0-9a-f-]{36}$/);
    const time = expect.stringMatching(/^\d{4}-.*Z$/);
    expect(body.secrets).toEqual([
      { id: secretId, created: time, end: time, last_used: time },
      { id: secretId, created: time },
    ]);
    expect(Date.parse(body.secrets[0].end) - Date.now()).toBeGreaterThan(3_500_000);
    const written = await admin(server).put(`/Client/${client.id}`, body);
    expect(written.status).toBe(200);
  });

  it('keeps the time of last use across a restart', async () => {
    const client = await aClientWithSecret();
    await statusWith(client, 'verysecret');
    const { body } = await admin(server).get(`/Client/${client.id}`);
    await server.restart();
    expect((await admin(server).get(`/Client/${client.id}`)).body.secrets).toEqual(body.secrets);
  });

  it('closes open sessions on request', async () => {
    const client = await aClientWithSecret();
    const token = await client.token(NATIVE);
    await rotate(client, { overlap: 60 });
    expect((await get(`${server.url}/Session`, bearer(token))).status).toBe(200);
    await rotate(client, { overlap: 60, close_sessions: true });
    expect((await get(`${server.url}/Session`, bearer(token))).status).toBe(401);
    expect((await get(`${server.url}/Session`, bearer(await client.token(NATIVE)))).status).toBe(200);
  });

  it('requires the rotate permission and the privileges of the client', async () => {
    const client = await aClientWithSecret();
    const plain = await aClient(server)
      .with({ grant_types: ['basic'] })
      .withGrant('Client:*:update')
      .register();
    const { status } = await admin(server, plain.basic).post(`/Client/${client.id}/$rotate-secret`, {});
    expect(status).toBe(403);
    const rotator = await aClient(server)
      .with({ grant_types: ['basic'] })
      .withGrant('Client:*:rotate')
      .register();
    expect((await admin(server, rotator.basic).post(`/Client/${client.id}/$rotate-secret`, {})).status).toBe(
      200,
    );
    expect((await admin(server, rotator.basic).post('/Client/root/$rotate-secret', {})).status).toBe(403);
  });

  it('reports invalid members and an unknown client', async () => {
    const client = await aClientWithSecret();
    const { status, body } = await rotate(client, { overlap: -1, close_sessions: 'yes', other: 1 });
    expect(status).toBe(422);
    expect(body.errors.map(({ path }: any) => path).sort()).toEqual(['close_sessions', 'other', 'overlap']);
    expect((await admin(server).post('/Client/nobody/$rotate-secret', {})).status).toBe(404);
  });
});

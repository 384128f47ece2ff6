import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { anAddress, FROM_ANYWHERE, from } from '../support/addresses.js';
import { type Admin, admin } from '../support/admin.js';
import { aSigningClient } from '../support/assertions.js';
import { DAY_MS, MINUTE_MS, TestClock } from '../support/clock.js';
import { NATIVE } from '../support/dialects.js';
import { type Answer, basic, form, json, request } from '../support/http.js';
import { rememberSecret } from '../support/leaks.js';
import { useLibrary } from '../support/library.js';
import { aClient } from '../support/registration.js';
import { dump, openRows } from '../support/rows.js';
import { engine, startServer, type TestServer } from '../support/server.js';
import { expectProblem } from './answers.js';
import { events, eventually } from './audit.js';
import { aCaller } from './callers.js';

const clock = new TestClock();
const library = useLibrary({ env: { ...clock.env, ...FROM_ANYWHERE, LATCHKEY_FAILURES_PER_MINUTE: '5' } });
let root: Admin;
let beside: TestServer | undefined;

beforeAll(async () => {
  root = admin(library.server);
  // SQLite serves one process.
  if (engine !== 'sqlite') beside = await startServer({ beside: library.server });
});
beforeEach(() => clock.set(0));
afterAll(async () => {
  await beside?.stop();
  clock.remove();
});

interface Made {
  token: string;
  secretId: string;
  answer: Answer;
}

async function make(id: string, body: object = {}, rest = root): Promise<Made> {
  const answer = await rest.post(`/Client/${id}/$hand-over`, body);
  expect(answer.status, answer.text).toBe(200);
  const token = answer.body.link.split('#')[1];
  rememberSecret(token);
  return { token, secretId: answer.body.secret_id, answer };
}

const open = (token: string, address = anAddress(), url = library.server.url) =>
  form(`${url}/hand-over`, { token }, from(address));

const GONE = {
  error: 'invalid_request',
  error_description: 'the link is unknown, expired or was opened: ask for a new one',
};

const expectGone = (answer: Answer) => expect([answer.status, answer.body]).toEqual([404, GONE]);

const getsToken = async (id: string, secret: string) =>
  (await form(library.server.url + NATIVE.token, { grant_type: 'client_credentials' }, basic(id, secret)))
    .status === 200;

describe('A link for a new secret', () => {
  it('shows the secret once, to the first who opens it, and never to the administrator', async () => {
    const { server } = library;
    const client = await aClient(server).register();
    const { token, secretId, answer } = await make(client.id, { description: 'for the pods' });
    const url = `${server.publicUrl}/hand-over`;
    expect(answer.body).toMatchObject({
      link: `${url}#${token}`,
      curl: `curl -X POST ${url} -d token=${token}`,
    });
    expect(token).toMatch(/^lkh_[\w-]{70}$/);
    expect(answer.text).not.toContain('lks_');
    expect(Date.parse(answer.body.link_expires) - Date.now()).toBeGreaterThan(DAY_MS - MINUTE_MS);
    const pending = (await root.get(`/Client/${client.id}/$rotation`)).body.hand_overs;
    expect(pending).toEqual([
      {
        secret_id: secretId,
        description: 'for the pods',
        made_by: { resourceType: 'Client', id: 'root' },
        created: expect.stringMatching(/Z$/),
        link_expires: answer.body.link_expires,
      },
    ]);
    expect([...(await dump(server)).values()].join()).not.toContain(token);
    const opened = await open(token);
    expect(opened.status).toBe(200);
    expect(opened.headers.get('cache-control')).toBe('no-store');
    const secret = opened.body.client_secret;
    expect(opened.body).toEqual({
      client_id: client.id,
      client_secret: expect.stringMatching(/^lks_/),
      token_endpoint: `${server.publicUrl}/auth/token`,
      curl: `curl -u '${client.id}:${secret}' -d grant_type=client_credentials ${server.publicUrl}/auth/token`,
    });
    expect([await getsToken(client.id, secret), await getsToken(client.id, client.secret)]).toEqual([
      true,
      true,
    ]);
    const { secrets } = (await root.get(`/Client/${client.id}`)).body;
    expect(secrets[1]).toMatchObject({ id: secretId, description: 'for the pods' });
    expectGone(await open(token));
    expect((await root.get(`/Client/${client.id}/$rotation`)).body.hand_overs).toEqual([]);
  });

  it('is opened by POST only: previews and scanners of links change nothing', async () => {
    const client = await aClient(library.server).register();
    const { token, answer } = await make(client.id);
    for (const method of ['GET', 'HEAD', 'OPTIONS', 'PUT']) {
      await request(`${library.server.url}/hand-over?token=${token}`, { method });
    }
    const page = await request(`${library.server.url}/hand-over`);
    expect([page.status, page.headers.get('referrer-policy'), page.headers.get('cache-control')]).toEqual([
      200,
      'no-referrer',
      'no-store',
    ]);
    expect(page.headers.get('content-security-policy')).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    );
    expect(page.text).not.toMatch(/<style|<script>|style=|onclick/);
    for (const [, path = ''] of page.text.matchAll(/(?:src|href)="\.?([^"]+)"/g))
      expect((await request(library.server.url + path)).status).toBe(200);
    const foreign = { 'sec-fetch-site': 'cross-site' };
    expect((await form(`${library.server.url}/hand-over`, { token }, foreign)).status).toBe(403);
    expect(answer.body.link).toContain('/hand-over#');
    const opened = await json(`${library.server.url}/hand-over`, { token }, from(anAddress()));
    expect(opened.status).toBe(200);
  });

  it('is opened by exactly one of several at once, in whichever process', async () => {
    const client = await aClient(library.server).register();
    const urls = [library.server.url, beside?.url ?? library.server.url];
    for (let turn = 0; turn < 5; turn++) {
      const { token } = await make(client.id);
      const answers = await Promise.all(
        [0, 1, 2, 3].map((n) => open(token, anAddress(), urls[n % 2] as string)),
      );
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 404, 404, 404]);
    }
    expect((await root.get(`/Client/${client.id}`)).body.secrets).toHaveLength(6);
  });

  it('expires, and the secret has the end that was chosen', async () => {
    const { server } = library;
    const client = await aClient(server).register();
    const end = new Date(Date.now() + 30 * DAY_MS).toISOString();
    const [late, inTime] = [await make(client.id, { expires_in: 60 }), await make(client.id, { end })];
    await clock.set(MINUTE_MS + 1000);
    expectGone(await open(late.token));
    expect((await open(inTime.token)).status).toBe(200);
    const { secrets } = (await root.get(`/Client/${client.id}`)).body;
    expect(secrets.map((secret: any) => secret.end)).toEqual([undefined, end]);
  });

  it('is audited when it was made, opened and expired, without handle or secret', async () => {
    const client = await aClient(library.server).register();
    const [opened, expired] = [await make(client.id), await make(client.id)];
    await open(opened.token, '203.0.113.9');
    const rows = await openRows(library.server);
    await rows.all('UPDATE hand_over SET expires_at = 1 WHERE secret_id = ?', [expired.secretId]);
    await rows.close();
    await eventually(library.server, `client=${client.id}&action=hand-over.expire`);
    const found = await events(library.server, `client=${client.id}`);
    const links = found.filter(({ action }) => action.startsWith('hand-over')).reverse();
    expect(links.map(({ action, agent, detail }) => [action, agent, detail.secret_id])).toEqual([
      ['hand-over.make', expect.objectContaining({ client: expect.anything() }), opened.secretId],
      ['hand-over.make', expect.objectContaining({ client: expect.anything() }), expired.secretId],
      ['hand-over.open', { address: '203.0.113.9' }, opened.secretId],
      ['hand-over.expire', undefined, expired.secretId],
    ]);
    expect(JSON.stringify(found)).not.toMatch(/lk[hs]_/);
  });

  it('bounds guesses by address; the right link still opens', async () => {
    const client = await aClient(library.server).register();
    const { token } = await make(client.id);
    const address = anAddress();
    const wrong = `lkh_${'A'.repeat(70)}`;
    const statuses: number[] = [];
    for (let n = 0; n < 7; n++) statuses.push((await open(n % 2 ? 'x' : wrong, address)).status);
    expect(statuses).toEqual([404, 404, 404, 404, 404, 429, 429]);
    expect((await open(token, address)).status).toBe(200);
  });

  it.each([
    [
      '$end-secret',
      (id: string, secretId: string) => root.post(`/Client/${id}/$end-secret`, { id: secretId }),
    ],
    ['$rotate-secret', (id: string) => root.post(`/Client/${id}/$rotate-secret`, { overlap: 60 })],
    ['a new secret', (id: string) => root.patch(`/Client/${id}`, { secret: 'tin-harbour-violet-77' })],
    ['null for its secrets', (id: string) => root.patch(`/Client/${id}`, { secret: null })],
    ['$contain', (id: string) => root.post(`/Client/${id}/$contain`)],
    ['deleting the client', (id: string) => root.delete(`/Client/${id}`)],
  ])('is ended by %s', async (_, endBy) => {
    const client = await aClient(library.server).register();
    const { token, secretId } = await make(client.id);
    expect((await endBy(client.id, secretId)).status).toBeLessThan(300);
    await root.patch(`/Client/${client.id}`, { active: true });
    expectGone(await open(token));
  });

  it('does not open while its client is disabled, or once who made it could not make it any more', async () => {
    const client = await aClient(library.server).withGrant('book:1:read').register();
    const maker = await aCaller(library.server, `Client:${client.id}:rotate`, 'book:*:read');
    const { token } = await make(client.id, {}, maker.rest);
    const grants = async (...operations: string[]) => {
      const rules = [{ effect: 'allow', resource: 'book', identifier: '*', operations }];
      expect((await root.patch(`/AccessPolicy/${client.id}`, { rules })).status).toBe(200);
    };
    await grants('read', 'write');
    expectGone(await open(token));
    await grants('read');
    expect((await open(token)).status).toBe(200);
  });

  it('survives a restart, and does not open after a restore of a backup that may be older than its opening', async () => {
    const { server } = library;
    const client = await aClient(server).register();
    const [kept, restored] = [await make(client.id), await make(client.id)];
    await server.restart();
    expect((await open(kept.token)).status).toBe(200);
    const rows = await openRows(server);
    await rows.all('UPDATE restore_mark SET restored_at = ?', [Date.now() + 1000]);
    await rows.close();
    await server.restart();
    expectGone(await open(restored.token));
  });
});

describe('$hand-over', () => {
  it.each([
    [{ expires_in: 59 }, ['expires_in']],
    [{ expires_in: 604_801 }, ['expires_in']],
    [{ end: '2001-01-01T00:00:00Z' }, ['end']],
    [{ description: 'd'.repeat(256) }, ['description']],
    [{ secret: 'harbour-91-violet-tin' }, ['secret']],
  ])('rejects %j', async (body, paths) => {
    expectProblem(await root.post('/Client/root/$hand-over', body), 422, paths);
  });

  it('requires what a rotation requires', async () => {
    const client = await aClient(library.server).withGrant('book:1:write').register();
    for (const rules of [[`Client:${client.id}:update,read`], [`Client:${client.id}:rotate`]]) {
      const caller = await aCaller(library.server, ...rules);
      expectProblem(await caller.rest.post(`/Client/${client.id}/$hand-over`), 403);
    }
    const signing = await aSigningClient(library.server);
    expectProblem(await root.post(`/Client/${signing.id}/$hand-over`), 409);
    expectProblem(await root.post('/Client/nobody-here/$hand-over'), 404);
  });

  it('makes at most ten that were not opened', async () => {
    const client = await aClient(library.server).register();
    for (let n = 0; n < 10; n++) await make(client.id);
    expectProblem(await root.post(`/Client/${client.id}/$hand-over`), 409);
  });
});

describe('POST /hand-over', () => {
  it('says what is missing, and rejects other types', async () => {
    const { url } = library.server;
    expect((await form(`${url}/hand-over`, {})).status).toBe(400);
    const text = { method: 'POST', headers: { 'content-type': 'text/plain' }, body: 'x' };
    expect((await request(`${url}/hand-over`, text)).status).toBe(415);
  });
});

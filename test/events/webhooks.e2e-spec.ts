import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { events } from '../admin/audit.js';
import { type Admin, admin } from '../support/admin.js';
import { DAY_MS } from '../support/clock.js';
import { NATIVE } from '../support/dialects.js';
import { aClient, type TestClient } from '../support/registration.js';
import { startServer, type TestServer } from '../support/server.js';
import { runSql } from '../support/sql.js';
import { WebhookReceiver } from '../support/webhook-receiver.js';

const CHANGES = 12;
const WEBHOOK_FAILURE = 'delivery of events failed and will be retried';

let receiver: WebhookReceiver;
let server: TestServer;
let root: Admin;
let limited: TestClient;
let reused: string;

beforeAll(async () => {
  receiver = await WebhookReceiver.start();
  server = await startServer({ env: { ...receiver.env, LATCHKEY_UNUSED_CLIENT_DAYS: '40' } });
  root = admin(server);
  await root.put('/Client/expiring', { expires_at: inDays(29), grant_types: ['client_credentials'] });
  await root.post('/Client/expiring/$add-secret', { end: inDays(6.5) });
  await root.put('/Client/dusty', {});
  await root.put('/Client/ending', { expires_at: inDays(0.5) });
  limited = await aClient(server)
    .with({ token_quota: { per_day: 5 } })
    .withTokens({ refresh_token: true })
    .register();
  reused = (await limited.ask(NATIVE)).body.refresh_token;
  for (let n = 0; n < 2; n++)
    await limited.post(NATIVE, { grant_type: 'refresh_token', refresh_token: reused });
  for (let n = 0; n < 4; n++) await limited.ask(NATIVE);
  await root.post('/SigningKey/$rotate', { immediately: true });
});
afterAll(async () => {
  await server?.stop();
  await receiver?.die();
});

const inDays = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString();
const client = (id: string) => ({ resourceType: 'Client', id });
const ROOT = { client: client('root'), address: '127.0.0.1' };

/** The names that a document had, one after another. */
const rename = async (id: string, from: number, to: number) => {
  for (let n = from; n < to; n++) await root.put(`/Client/${id}`, { name: `name ${n}` });
};

/** The ids of the audit events about an object, in their order. */
const auditedIds = async (id: string) =>
  (await events(server, `client=${id}`)).map((event) => event.id).reverse();

const deliveredIds = (id: string) => receiver.about(id).map(({ data }) => data.event.id);

describe('A webhook', () => {
  it('reports a change with its author and the changed members, signed as Standard Webhooks requires', async () => {
    await root.put('/Client/changed', { name: 'Changed', description: 'not in the event' });
    await root.patch('/Client/changed', { name: 'Renamed', active: false });
    await expect.poll(() => receiver.about('changed').length).toBe(2);
    const [created, updated] = receiver.received.filter(({ body }) => body.data.target?.id === 'changed');
    const [audited] = await events(server, 'client=changed&action=client.update');
    expect(updated?.body).toEqual({
      type: 'configuration.changed',
      timestamp: audited.date,
      data: {
        event: { resourceType: 'AuditEvent', id: audited.id },
        action: 'client.update',
        client: client('changed'),
        target: client('changed'),
        agent: ROOT,
        changed: ['active', 'name'],
      },
    });
    expect(created?.body.data).toMatchObject({ action: 'client.create' });
    expect(created?.method).toBe('POST');
    expect(created?.headers['content-type']).toBe('application/json');
    expect(updated?.headers['webhook-id']).toBe(audited.id);
    const { secret } = receiver;
    const headers = updated?.headers as Record<string, string>;
    expect(new Webhook(secret).verify(updated?.text ?? '', headers)).toEqual(updated?.body);
    expect(() => new Webhook(secret).verify(`${updated?.text} `, headers)).toThrow('No matching signature');
    receiver.expectSigned(secret);
  });

  it('is delivered in order once an unreachable receiver is back, also after a restart', async () => {
    await receiver.die();
    await rename('outage', 0, CHANGES / 2);
    await expect.poll(() => server.stderr()).toMatch(new RegExp(`"failures":2,.*${WEBHOOK_FAILURE}`));
    await runSql(server, `UPDATE client SET created_at = ${Date.now() - 100 * DAY_MS} WHERE id = 'dusty'`);
    await server.restart();
    root = admin(server);
    await rename('outage', CHANGES / 2, CHANGES);
    await receiver.revive();
    await expect.poll(() => receiver.about('outage').length, { timeout: 20_000 }).toBe(CHANGES);
    expect(deliveredIds('outage')).toEqual(await auditedIds('outage'));
    receiver.expectSigned(receiver.secret);
    expect(server.stderr()).toContain('event receiver accepts events again');
  });

  it('is repeated with the same id until the receiver answers 2xx', async () => {
    let refusals = 2;
    receiver.respond = (response, { data }) => {
      const status = data.target?.id === 'repeated' && refusals-- > 0 ? 500 : 200;
      response.writeHead(status, { location: receiver.url }).end('not read');
    };
    await rename('repeated', 0, 2);
    await expect.poll(() => receiver.about('repeated').length).toBe(4);
    const [first, second] = await auditedIds('repeated');
    expect(deliveredIds('repeated')).toEqual([first, first, first, second]);
    receiver.respond = (response) => response.writeHead(204).end();
  });

  it('is delivered once, by either of two processes', async () => {
    const beside = await startServer({ beside: server });
    const both = [root, admin(beside)];
    for (let n = 0; n < CHANGES; n++) await both[n % 2]?.put('/Client/shared', { name: `name ${n}` });
    await expect.poll(() => receiver.about('shared').length).toBe(CHANGES);
    await beside.stop();
    await rename('last', 0, 1);
    await receiver.until({ data: expect.objectContaining({ target: client('last') }) });
    expect(deliveredIds('shared')).toEqual(await auditedIds('shared'));
  });

  it('reports secrets and clients that expire within 30, 7 and 1 days, once for each', async () => {
    const { body } = await root.get('/Client/expiring');
    const about = { client: client('expiring'), target: client('expiring'), event: expect.anything() };
    const { expires_at } = body;
    const own = { ...about, action: 'client.expire-soon', expires_at, days: 30 };
    await receiver.until({ type: 'client.expiring', data: own });
    const [{ id: secret_id, end }] = body.secrets;
    const ofSecret = { ...about, action: 'secret.expire-soon', secret_id, expires_at: end, days: 7 };
    await receiver.until({ type: 'secret.expiring', data: ofSecret });
    await receiver.until({ type: 'client.expiring', data: expect.objectContaining({ days: 1 }) });
    const types = ['expiring', 'ending'].flatMap((id) => receiver.about(id).map(({ type }) => type));
    expect(types.filter((type) => type !== 'configuration.changed').sort()).toEqual([
      'client.expiring',
      'client.expiring',
      'secret.expiring',
    ]);
  });

  it('reports a client that was not used for as many days as a setting says, and no other', async () => {
    const { data } = await receiver.until({ type: 'client.unused' });
    const about = { client: client('dusty'), target: client('dusty'), event: expect.anything() };
    expect(data).toEqual({ ...about, action: 'client.go-unused', days: 80 });
    expect(receiver.bodies().filter(({ type }) => type === 'client.unused')).toHaveLength(1);
  });

  it('reports 60, 80 and 100 % of a quota, a reused refresh token and rotated keys', async () => {
    for (const percent of [60, 80, 100])
      await receiver.until({ type: 'quota.reached', data: expect.objectContaining({ percent }) });
    const quota = receiver.bodies().find(({ data }) => data.percent === 100);
    expect(quota.data).toEqual({
      event: expect.anything(),
      action: 'quota.approach',
      client: client(limited.id),
      target: client(limited.id),
      window: 'per_day',
      percent: 100,
      quota: 5,
      used: 5,
      enforced: true,
    });
    const reuse = await receiver.until({ type: 'session.reuse_detected' });
    expect(reuse.data).toMatchObject({
      action: 'refresh-token.reuse',
      client: client(limited.id),
      target: { resourceType: 'Session' },
      reason: 'refresh_token_reuse',
    });
    const rotated = await receiver.until({ type: 'signing_key.rotated' });
    expect(rotated.data).toEqual({
      event: expect.anything(),
      action: 'signing-key.create',
      target: { resourceType: 'SigningKey', id: expect.any(String) },
      agent: ROOT,
      reason: 'rotated_immediately',
      alg: 'RS256',
      signs_from: expect.any(String),
    });
    const sent = receiver.received.map(({ text }) => text).join('\n');
    for (const secret of [reused, limited.secret, server.adminSecret, receiver.secret])
      expect(sent).not.toContain(secret);
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Admin, admin } from '../../support/admin.js';
import { NATIVE } from '../../support/dialects.js';
import { basic, form } from '../../support/http.js';
import { startServer, type TestServer } from '../../support/server.js';
import { aWebhookSecret, WebhookReceiver } from '../../support/webhook-receiver.js';

const former = aWebhookSecret();
let receiver: WebhookReceiver;
let server: TestServer;
let root: Admin;

beforeAll(async () => {
  receiver = await WebhookReceiver.start();
  server = await startServer({
    env: {
      ...receiver.env,
      LATCHKEY_WEBHOOK_SECRET: `${receiver.secret},${former}`,
      LATCHKEY_REFUSAL_SPIKE_COUNT: '40',
      LATCHKEY_WEBHOOK_EVENTS: 'refusals.spiked, client.expiring, configuration.changed',
    },
  });
  root = admin(server);
});
afterAll(async () => {
  await server?.stop();
  await receiver?.die();
});

/** The reasons of the failed deliveries that this process has logged. */
const reasons = () =>
  [...server.stderr().matchAll(/"reason":"([^"]+)","failures":\d+,/g)].map(([, reason]) => reason);

describe('A webhook receiver', () => {
  it('gets a signature by each of two secrets, and only the events that it was set up for', async () => {
    await root.put('/Client/both', {});
    await root.post('/SigningKey/$rotate', { immediately: true });
    await root.put('/Client/after', {});
    await expect.poll(() => receiver.about('after').length).toBe(1);
    receiver.expectSigned(receiver.secret, former);
    expect(new Set(receiver.bodies().map(({ type }) => type))).toEqual(new Set(['configuration.changed']));
  });

  it('gets one event for as many refusals within minutes as a setting says', async () => {
    const guess = (n: number) =>
      form(
        `${server.url}${NATIVE.token}`,
        { grant_type: 'client_credentials' },
        basic(`guess-${n % 20}`, 'no-secret'),
      );
    for (let n = 0; n < 60; n++) expect((await guess(n)).status).toBe(401);
    // Refusals that are alike are counted for a minute, or until the server stops.
    await server.restart();
    const spike = await receiver.until({ type: 'refusals.spiked' });
    expect(spike.data).toEqual({
      event: { resourceType: 'AuditEvent', id: expect.any(String) },
      action: 'refusal.spike',
      count: expect.any(Number),
      minutes: 5,
      usual: 0,
      actions: { 'authentication.fail': expect.any(Number) },
    });
    expect(spike.data.count).toBeGreaterThanOrEqual(40);
  });

  it('is not followed by redirect, and its response body is not read', async () => {
    let asked = 0;
    receiver.respond = (response) => {
      asked++;
      if (asked === 1) response.writeHead(302, { location: receiver.url }).end();
      else if (asked === 2) response.destroy();
      else response.writeHead(202).write('x'.repeat(100_000));
    };
    await root.put('/Client/redirected', {});
    await expect.poll(() => asked).toBe(3);
    await root.put('/Client/next', {});
    await expect.poll(() => receiver.about('next').length).toBe(1);
    expect(receiver.about('redirected')).toHaveLength(3);
    expect(reasons()).toEqual(['status 302', expect.stringMatching(/ECONNRESET|connection closed/)]);
  });

  it('is not called at a private address unless a setting permits it', async () => {
    const { port } = receiver;
    const before = receiver.received.length;
    await server.restart({
      LATCHKEY_PRIVATE_WEBHOOK_URL: undefined,
      LATCHKEY_WEBHOOK_URL: `https://localhost:${port}/events`,
    });
    await root.put('/Client/private', {});
    await expect.poll(() => reasons()).toContain('address not permitted');
    expect(receiver.received).toHaveLength(before);
    expect(server.stderr()).not.toContain('/events');
  });
});

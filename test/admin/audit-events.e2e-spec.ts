import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { admin } from '../support/admin.js';
import { AUTH0, AUTHING, NATIVE } from '../support/dialects.js';
import { basic, bearer, form } from '../support/http.js';
import { aClient, aResource, type TestClient } from '../support/registration.js';
import { startServer, type TestServer } from '../support/server.js';
import { events, eventually } from './audit.js';
import { aCaller, allow, linkTo } from './callers.js';

let server: TestServer;

beforeAll(async () => {
  server = await startServer();
  await aResource(server, 'book', ['read', 'write'], { audience: 'urn:library' });
});

afterAll(() => server.stop());

const root = () => admin(server);

/** The newest event of a search, which must be there at once: it was written with what it reports. */
const newest = async (search: string) => (await events(server, search))[0];

describe('Audit of configuration changes', { timeout: 60_000 }, () => {
  it('audits a change with its author and the state before and after, by POST, PUT, PATCH and DELETE (G01, ASVS 16.3.2)', async () => {
    const agent = { client: { resourceType: 'Client', id: 'root' }, address: '127.0.0.1' };
    const target = { resourceType: 'Client', id: 'reported' };
    const made = (await root().post('/Client', { id: 'reported', name: 'One' })).body;
    const created = await newest('client=reported');
    expect(created).toMatchObject({
      action: 'client.create',
      outcome: 'success',
      agent,
      target,
      client: target,
    });
    expect(created.detail.before).toBeUndefined();
    expect(created.detail.after).toMatchObject({
      resourceType: 'Client',
      id: 'reported',
      name: 'One',
      meta: made.meta,
    });

    await root().put('/Client/reported', { name: 'Two' });
    expect((await newest('client=reported')).detail).toMatchObject({
      before: { name: 'One' },
      after: { name: 'Two' },
    });
    const { body } = await root().patch('/Client/reported', { name: 'Three' });
    const patched = await newest('client=reported');
    expect(patched).toMatchObject({ action: 'client.update', agent, target });
    expect(patched.detail).toEqual({ before: expect.objectContaining({ name: 'Two' }), after: body });

    await root().delete('/Client/reported');
    const deleted = (await events(server, 'client=reported&action=client.delete'))[0];
    expect(deleted.detail).toEqual({ before: body });
    expect((await newest('client=reported&action=session.close')).detail).toMatchObject({
      reason: 'client_deleted',
    });
  });

  it('audits changes of resources and policies, including those caused by deleting a client', async () => {
    await aClient(server, 'linked').withGrant('book:1:read').register();
    await root().put('/AccessPolicy/shared', {
      engine: 'rules',
      link: linkTo('linked', 'root'),
      rules: [allow('book', '*', 'read')],
    });
    await root().put('/Resource/shelf', {
      operations: [{ name: 'read' }],
      introspection_clients: linkTo('linked'),
    });
    expect((await newest('action=resource.create')).target).toEqual({
      resourceType: 'Resource',
      id: 'shelf',
    });
    await root().delete('/Client/linked');
    const reason = 'the client linked was deleted';
    expect(await newest('action=policy.delete')).toMatchObject({
      target: { resourceType: 'AccessPolicy', id: 'linked' },
      detail: { reason },
    });
    expect((await newest('action=policy.update')).detail).toMatchObject({
      reason,
      before: { link: linkTo('linked', 'root') },
      after: { link: linkTo('root') },
    });
    expect((await newest('action=resource.update')).detail).toMatchObject({ reason });
    await root().delete('/Resource/shelf');
    expect((await newest('action=resource.delete')).detail.before).toMatchObject({ id: 'shelf' });
  });

  it('audits changes of secrets and keys without their values', async () => {
    await aClient(server, 'rotating').register();
    const { body } = await root().post('/Client/rotating/$rotate-secret', {
      overlap: 60,
      close_sessions: true,
    });
    const rotated = await newest('action=client.rotate-secret');
    expect(rotated.detail).toMatchObject({ overlap: 60, close_sessions: true });
    expect(rotated.detail.after.secrets).toEqual(body.secrets);
    expect((await newest('client=rotating&action=session.close')).detail).toEqual({
      reason: 'closed',
      sessions: 'all',
    });
    const { added } = (await root().post('/SigningKey/$rotate', { immediately: true })).body;
    expect(await newest('action=signing-key.create')).toMatchObject({
      target: { resourceType: 'SigningKey', id: added[0].id },
      agent: { client: { id: 'root' } },
      detail: { reason: 'rotated_immediately', after: { jwk: added[0].jwk } },
    });
    await root().post('/SigningKey/$rotate', { compromised: added[0].id });
    expect((await newest('action=signing-key.delete')).target.id).toBe(added[0].id);
  });

  it('attributes changes made by the start to the server', async () => {
    const [{ agent, detail }] = (await events(server, 'action=client.create&client=root')).slice(-1);
    expect(agent).toBeUndefined();
    expect(detail).toMatchObject({ reason: 'ensured_by_settings', after: { id: 'root', active: true } });
    const policies = (await events(server, 'action=policy.create')).map(({ target }) => target.id);
    expect(policies).toEqual(expect.arrayContaining(['root', 'root-administration']));
  });

  it('audits no change that was rejected or rolled back, but audits the rejection (A13, ASVS 2.3.3)', async () => {
    const before = (await events(server, 'client=root&outcome=success')).length;
    expect((await root().put('/Client/x', { active: 'maybe' })).status).toBe(422);
    expect((await root().put('/Resource/Client', { operations: [] })).status).toBe(409);
    expect((await root().delete('/Client/root')).status).toBe(409);
    expect((await events(server, 'client=root&outcome=success')).length).toBe(before);
    const caller = await aCaller(server, 'Client:*:read');
    expect((await caller.rest.put('/Client/x', {})).status).toBe(403);
    const [refused] = await eventually(server, `action=authorization.deny&client=${caller.id}`);
    expect(refused).toMatchObject({
      outcome: 'failure',
      agent: { client: { id: caller.id } },
      detail: { reason: 'insufficient_scope', method: 'PUT', path: '/Client/:id' },
    });
  });

  it('bounds the event for a document of half a megabyte', async () => {
    const rules = Array.from({ length: 5000 }, (_, i) => allow('book', `number-${i}`, 'read'));
    const policy = { engine: 'rules', link: linkTo('root'), rules };
    expect((await root().put('/AccessPolicy/large', policy)).status).toBe(201);
    const [event] = await events(server, 'action=policy.create');
    expect(event.detail.after).toMatchObject({ id: 'large', rules: { sha256: expect.any(String) } });
    expect(JSON.stringify(event).length).toBeLessThan(20_000);
  });
});

describe('Audit of failed authentication', { timeout: 60_000 }, () => {
  it('audits a failed authentication with the claimed client, reason and address, in every dialect (G01, ASVS 16.3.1)', async () => {
    const client = await aClient(server).register();
    for (const [name, ask] of [
      [
        'one',
        () =>
          form(
            `${server.url}/auth/token`,
            { grant_type: 'client_credentials' },
            basic('one', 'wrong-secret'),
          ),
      ],
      [
        'two',
        () =>
          form(`${server.url}/oauth/token`, {
            grant_type: 'client_credentials',
            client_id: 'two',
            client_secret: 'wrong-secret',
          }),
      ],
      [
        'three',
        () => form(`${server.url}/oidc/token/introspection`, { token: 'x' }, basic('three', 'wrong-secret')),
      ],
      ['four', () => admin(server, basic('four', 'wrong-secret')).get('/Client')],
      [
        client.id,
        () =>
          form(
            `${server.url}/auth/token`,
            { grant_type: 'client_credentials' },
            basic(client.id, 'wrong-secret'),
          ),
      ],
    ] as const) {
      expect((await ask()).status).toBe(401);
      const [event] = await eventually(server, `action=authentication.fail&client=${name}`);
      expect(event).toMatchObject({
        outcome: 'failure',
        client: { resourceType: 'Client', id: name },
        agent: { address: '127.0.0.1' },
        detail: { reason: 'invalid_client' },
      });
      expect(event.agent.client).toBeUndefined();
    }
    await admin(server, bearer('lka_nothing')).get('/Client');
    await eventually(server, 'action=authentication.fail&outcome=failure', 6);
  });

  it('bounds unauthenticated input in an event and stores no secret sent as an id (G03, ASVS 16.4.1)', async () => {
    const client = await aClient(server).register();
    const asked = { grant_type: 'client_credentials' };
    const breaking = 'x\n{"level":"info"}';
    await form(`${server.url}/auth/token`, asked, basic(breaking, 'wrong-secret'));
    await form(`${server.url}/auth/token`, asked, basic('é'.repeat(300), 'wrong-secret'));
    await form(`${server.url}/auth/token`, asked, basic(client.secret, 'wrong-secret'));
    await expect
      .poll(
        async () =>
          (await events(server, 'action=authentication.fail')).map(({ detail }) => detail.presented),
        {
          timeout: 10_000,
        },
      )
      .toEqual(expect.arrayContaining(['x?{?level?:?info?}', '?'.repeat(64), 'lks_…']));
  });

  it('aggregates repeated failures: the rest of a pair is audited in one event (G05, ASVS 16.3.3)', async () => {
    const asked = { grant_type: 'client_credentials' };
    for (let i = 0; i < 30; i++)
      await form(`${server.url}/auth/token`, asked, basic('knocking', 'wrong-secret'));
    await eventually(server, 'client=knocking');
    expect(await events(server, 'client=knocking')).toHaveLength(1);
    await server.restart();
    const [counted] = await events(server, 'client=knocking');
    expect(counted.detail).toMatchObject({ reason: 'invalid_client', count: 29 });
    expect(Date.parse(counted.detail.first)).toBeLessThanOrEqual(Date.parse(counted.detail.last));
    expect(await events(server, 'client=knocking')).toHaveLength(2);
  });
});

describe('Audit of rejected tokens', { timeout: 60_000 }, () => {
  let client: TestClient;

  beforeAll(async () => {
    client = await aClient(server).withGrant('book:1:read').register();
  });

  it.each([
    ['invalid_scope', () => client.ask(NATIVE, { scope: 'book:2:read' })],
    ['invalid_target', () => client.ask(AUTHING, { scope: 'book:1:read', audience: 'urn:nowhere' })],
    ['access_denied', () => client.ask(AUTH0, { audience: 'urn:nowhere' })],
    ['unsupported_grant_type', () => client.post(NATIVE, { grant_type: 'password' })],
    ['unauthorized_client', () => client.post(NATIVE, { grant_type: 'refresh_token', refresh_token: 'x' })],
  ] as const)('audits a rejected token with its reason: %s (G05, ASVS 16.3.3)', async (reason, ask) => {
    const { status, body } = await ask();
    expect([body.error, status >= 400]).toEqual([reason, true]);
    await expect
      .poll(
        async () =>
          (await events(server, `action=token.deny&client=${client.id}`)).find(
            ({ detail }) => detail.reason === reason,
          ),
        { timeout: 10_000 },
      )
      .toMatchObject({ outcome: 'failure', client: { id: client.id }, agent: { client: { id: client.id } } });
  });

  it('audits reuse of a refresh token as such, and closes its family (G05, ASVS 16.3.3)', async () => {
    const refreshing = await aClient(server).withTokens({ refresh_token: true }).register();
    const { refresh_token } = (await refreshing.ask(NATIVE)).body;
    const again = () => refreshing.post(NATIVE, { grant_type: 'refresh_token', refresh_token });
    expect((await again()).status).toBe(200);
    expect((await again()).body.error).toBe('invalid_grant');
    const [reuse] = await eventually(server, `action=refresh-token.reuse&client=${refreshing.id}`);
    expect(reuse).toMatchObject({ outcome: 'failure', detail: { reason: 'refresh_token_reuse' } });
    const closed = await events(server, `action=session.close&client=${refreshing.id}`);
    expect(closed.map(({ target }) => target)).toEqual([reuse.target]);
  });
});

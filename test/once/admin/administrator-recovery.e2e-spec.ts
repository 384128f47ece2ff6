import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Admin, admin } from '../../support/admin.js';
import { NATIVE } from '../../support/dialects.js';
import { bearer, request } from '../../support/http.js';
import { rememberSecret } from '../../support/leaks.js';
import { query } from '../../support/query.js';
import { aClient, aResource, register, TestClient } from '../../support/registration.js';
import { startServer, type TestServer } from '../../support/server.js';

const OWN_TYPES = [
  'Client',
  'Resource',
  'AccessPolicy',
  'TrustedIssuer',
  'Session',
  'SigningKey',
  'AuditEvent',
];

let server: TestServer;
let root: Admin;
let manager: TestClient;
let other: TestClient;

beforeAll(async () => {
  server = await startServer();
  root = admin(server);
  await aResource(server, 'book', ['read']);
});
afterAll(() => server.stop());
beforeEach(async () => {
  manager = await aClient(server)
    .with({ grant_types: ['basic', 'client_credentials'] })
    .withGrant('AccessPolicy:*:*')
    .register();
  other = await aClient(server)
    .with({ grant_types: ['basic'] })
    .withGrant('Client:*:read')
    .register();
});

const denying = (...resources: string[]) => ({
  engine: 'rules',
  rules: resources.map((resource) => ({ effect: 'deny', resource, identifier: '*', operations: ['*'] })),
});
const linked = (...ids: string[]) => ({ link: ids.map((id) => ({ resourceType: 'Client', id })) });

/** Past the server, because what it stored in an earlier version must not give anything either. */
const put = (table: string, values: (string | number | null)[]) =>
  query(server, `INSERT INTO ${table} VALUES (${values.map(() => '?').join(', ')})`, values);

async function plantDeny(id: string, resource: string, everyone: boolean, links: string[]): Promise<void> {
  const { rules } = denying(resource);
  await put('policy', [id, 1, 1, 1, 'rules', everyone ? 1 : 0, 0, JSON.stringify(rules), null, null]);
  for (const client of links) await put('policy_client', [id, client]);
}

async function statusesOfRoot(): Promise<number[]> {
  const answers = await Promise.all(OWN_TYPES.map((type) => root.get(`/${type}?_count=1`)));
  return answers.map(({ status }) => status);
}

describe('The start with LATCHKEY_ADMIN_CLIENT_SECRET', { timeout: 120_000 }, () => {
  it.each([
    [
      'narrowed, with a link of its author',
      `UPDATE policy SET rules = '[{"effect":"allow","resource":"AccessPolicy","identifier":"*","operations":["*"]}]'`,
    ],
    ['for everyone', `UPDATE policy SET everyone = TRUE, rules = '[]'`],
  ])(
    "writes the start's policies with only the administrator's link, even if they were stored %s (fault A3)",
    async (_, sql) => {
      for (const id of ['root', 'root-administration']) {
        await query(server, `${sql} WHERE id = ?`, [id]);
        await put('policy_client', [id, manager.id]);
      }
      await server.restart();
      expect(await statusesOfRoot()).toEqual(OWN_TYPES.map(() => 200));
      for (const id of ['root', 'root-administration']) {
        const { body } = await root.get(`/AccessPolicy/${id}`);
        expect(body.link).toEqual([{ resourceType: 'Client', id: 'root' }]);
        expect(body.everyone).toBeUndefined();
      }
      expect((await admin(server, manager.basic).get('/Client')).status).toBe(403);
      expect((await admin(server, other.basic).get('/Resource')).status).toBe(403);
    },
  );

  it('deletes a deny linked only to the administrator, with a log line and an event (fault A3)', async () => {
    const id = `deny-${manager.id}`;
    await plantDeny(id, 'Client', false, ['root']);
    await server.restart();
    expect(await statusesOfRoot()).toEqual(OWN_TYPES.map(() => 200));
    expect((await root.get(`/AccessPolicy/${id}`)).status).toBe(404);
    expect(server.stderr()).toContain(`"policy":"${id}"`);
    expect(server.stderr()).toContain('administrator excluded from a deny policy');
    const { body } = await root.get(`/AuditEvent?action=policy.delete&_count=1`);
    expect(body.entry[0].resource.detail).toMatchObject({ reason: 'ensured_by_settings', before: { id } });
  });

  it('keeps a deny for everyone in force for every other client, present and future (fault A3)', async () => {
    const id = `deny-${manager.id}`;
    await plantDeny(id, 'Client', true, []);
    await server.restart();
    expect(await statusesOfRoot()).toEqual(OWN_TYPES.map(() => 200));
    const later = await aClient(server)
      .with({ grant_types: ['basic'] })
      .withGrant('Client:*:read')
      .register();
    for (const client of [other, later]) {
      expect((await admin(server, client.basic).get('/Client')).status).toBe(403);
      const question = { client: client.id, scope: 'Client:*:read' };
      const { body } = await root.post('/AccessPolicy/$explain', question);
      expect(body.items).toMatchObject([{ granted: false, reason: 'denied', policy: id }]);
    }
    const who = await root.post('/AccessPolicy/$who-can', { scope: 'Client:*:read' });
    expect(who.body.clients).toEqual(linked('root').link);
    const { body } = await root.get(`/AccessPolicy/${id}`);
    expect(body).toMatchObject({ ...denying('Client'), everyone: true, except: linked('root').link });
    expect(server.stderr()).toContain(`"policy":"${id}"`);
    const { body: events } = await root.get(`/AuditEvent?action=policy.update&_count=1`);
    expect(events.entry[0].resource.detail).toMatchObject({
      reason: 'ensured_by_settings',
      after: { id, everyone: true, except: linked('root').link },
    });
    expect((await root.delete(`/AccessPolicy/${id}`)).status).toBe(204);
    expect((await admin(server, other.basic).get('/Client')).status).toBe(200);
  });

  it('keeps a deny that is also linked to other clients for them (fault A3)', async () => {
    const [shared, wide] = [`shared-${manager.id}`, `wide-${manager.id}`];
    await plantDeny(shared, 'Client', false, ['root', other.id]);
    await plantDeny(wide, 'Session', true, []);
    await query(server, 'UPDATE policy SET rules = ? WHERE id = ?', [
      JSON.stringify(denying('Session', 'book').rules),
      wide,
    ]);
    await server.restart();
    expect(await statusesOfRoot()).toEqual(OWN_TYPES.map(() => 200));
    expect((await root.get(`/AccessPolicy/${shared}`)).body.link).toEqual(linked(other.id).link);
    expect((await admin(server, other.basic).get('/Client')).status).toBe(403);
    expect((await root.get(`/AccessPolicy/${wide}`)).body.rules).toEqual(denying('Session', 'book').rules);
    await root.delete(`/AccessPolicy/${wide}`);
  });

  it("keeps the denies of other clients in a stored policy with the start's id (fault A3)", async () => {
    const rules = JSON.stringify(denying('Client').rules);
    await query(server, `UPDATE policy SET everyone = TRUE, rules = ? WHERE id = 'root-administration'`, [
      rules,
    ]);
    await query(server, `DELETE FROM policy_client WHERE policy_id = 'root-administration'`);
    await server.restart();
    expect(await statusesOfRoot()).toEqual(OWN_TYPES.map(() => 200));
    expect((await admin(server, other.basic).get('/Client')).status).toBe(403);
    const { body } = await root.get('/AccessPolicy?resource=Client&_count=100');
    const kept = body.entry.find(({ resource }: { resource: { everyone?: true } }) => resource.everyone);
    expect(kept.resource).toMatchObject({ ...denying('Client'), except: linked('root').link });
    expect(server.stderr()).toContain(`"keptAs":"${kept.resource.id}"`);
    expect((await root.delete(`/AccessPolicy/${kept.resource.id}`)).status).toBe(204);
  });

  it('closes the sessions of an administrator that it restores (fault A3)', async () => {
    const { body } = await root.post('/Client/root/$rotate-secret', {});
    rememberSecret(body.secret);
    const token = await new TestClient(server, 'root', body.secret).token(NATIVE);
    const works = async () => (await request(`${server.url}/Session`, { headers: bearer(token) })).status;
    expect(await works()).toBe(200);
    await server.restart();
    expect(await works()).toBe(401);
    expect((await root.get('/Client/root')).status).toBe(200);
  });

  it('ends every other secret of the administrator, also during the overlap of a rotation (fault A3)', async () => {
    const { body } = await root.post('/Client/root/$rotate-secret', { overlap: 3600 });
    rememberSecret(body.secret);
    const planted = admin(server, new TestClient(server, 'root', body.secret).basic);
    expect((await planted.get('/Client')).status).toBe(200);
    expect((await root.get('/Client')).status).toBe(200);
    await server.restart();
    expect((await planted.get('/Client')).status).toBe(401);
    const { secrets } = (await root.get('/Client/root')).body;
    expect(secrets).toHaveLength(1);
    expect(secrets[0].expires_at).toBeUndefined();
  });

  it('removes an audience list that keeps the administrator out, and its quota (fault A3)', async () => {
    const bounds = [
      { auth: { client_credentials: { audience: [], access_token_expiration: 600 } } },
      { token_quota: { per_hour: 1 } },
    ];
    for (const bound of bounds) {
      expect((await root.patch('/Client/root', bound)).status).toBe(200);
      await server.restart();
      const { body } = await root.get('/Client/root');
      expect([body.auth, body.token_quota]).toEqual([
        { client_credentials: { access_token_expiration: 600 } },
        undefined,
      ]);
    }
    const { body } = await root.get('/AuditEvent?action=client.update&_count=1');
    expect(JSON.stringify(body)).toContain('"token_quota"');
    await root.patch('/Client/root', { auth: null });
  });

  it('changes nothing if the administrator has all it needs (fault A3)', async () => {
    await register(server, 'AccessPolicy', `book-${manager.id}`, { ...denying('book'), everyone: true });
    const before = (await root.get('/AccessPolicy?_count=100')).text;
    await server.restart();
    expect((await root.get('/AccessPolicy?_count=100')).text).toBe(before);
  });

  it('ends with one line if it cannot grant everything (fault A3)', async () => {
    await query(server, `UPDATE policy SET rules = '[]' WHERE id = 'root-administration'`);
    await query(
      server,
      `CREATE TRIGGER spoil AFTER INSERT ON policy_client BEGIN
         DELETE FROM policy_client WHERE policy_id = 'root-administration'; END`,
    );
    await expect(server.restart()).rejects.toThrow();
    const lines = server.stderr().trim().split('\n');
    expect(lines.at(-1)).toMatch(
      /^Latchkey cannot start: the client root cannot be granted all permissions on /,
    );
    await query(server, 'DROP TRIGGER spoil');
    await server.start();
    expect(await statusesOfRoot()).toEqual(OWN_TYPES.map(() => 200));
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { admin } from '../support/admin.js';
import { NATIVE } from '../support/dialects.js';
import { basic, form, request } from '../support/http.js';
import { query } from '../support/query.js';
import { aClient, aResource } from '../support/registration.js';
import { startServer, type TestServer } from '../support/server.js';
import { events, eventually, expectWhole } from './audit.js';
import { withToken } from './callers.js';

let server: TestServer;

beforeAll(async () => {
  server = await startServer();
  await aResource(server, 'book', ['read', 'write'], { audience: 'urn:library' });
});

afterAll(() => server.stop());

const root = () => admin(server);

/** The newest event of a search, which must be there at once: it was written with what it reports. */
const newest = async (search: string) => (await events(server, search))[0];

describe('Audit of closed sessions', { timeout: 60_000 }, () => {
  it('audits a closed session once with who closed it, by whatever means (G01, ASVS 16.3.2)', async () => {
    const client = await aClient(server).register();
    const ids: string[] = [];
    const closeBy = async (close: (id: string, token: string) => Promise<{ status: number }>) => {
      const token = await client.token(NATIVE);
      const [{ resource }] = (await root().get(`/Session?client=${client.id}&_count=1`)).body.entry;
      expect((await close(resource.id, token)).status).toBeLessThan(300);
      await close(resource.id, token);
      ids.push(resource.id);
    };
    await closeBy((id) => root().delete(`/Session/${id}`));
    await closeBy((id) => root().patch(`/Session/${id}`, { active: false }));
    await closeBy((_, token) => withToken(server, token).delete('/Session'));
    await closeBy((_, token) => form(`${server.url}/auth/revoke`, { token }, client.basic));
    const closed = await eventually(server, `action=session.close&client=${client.id}`, 4);
    expect(closed.map(({ target }) => target.id).reverse()).toEqual(ids);
    expect(closed.map(({ agent }) => agent.client.id).reverse()).toEqual([
      'root',
      'root',
      client.id,
      client.id,
    ]);
    expect(closed.map(({ detail }) => detail.reason).reverse()).toEqual([
      'closed',
      'closed',
      'closed',
      'revoked',
    ]);
    for (const { agent } of closed) expect(agent.address).toBe('127.0.0.1');
    expect(closed[1].agent.session.id).toBe(ids[2]);
  });

  it.each([
    ['alone', false],
    ['with its family', true],
  ])(
    'audits a session that many requests close at once only once, %s (G01, ASVS 16.3.2)',
    async (_, refreshes) => {
      const client = await aClient(server).withTokens({ refresh_token: refreshes }).register();
      const idOf = async () => {
        await client.token(NATIVE);
        return (await root().get(`/Session?client=${client.id}&_count=1`)).body.entry[0].resource.id;
      };
      const ids: string[] = [];
      for (let n = 0; n < 5; n++) ids.push(await idOf());
      const closings = ids.flatMap((id) => Array.from({ length: 8 }, () => root().delete(`/Session/${id}`)));
      for (const { status } of await Promise.all(closings)) expect(status).toBe(204);
      // Closings are reported in their order: when this one is, all others have been.
      ids.push(await idOf());
      await root().delete(`/Session/${ids.at(-1)}`);
      const reported = async () =>
        (await events(server, `action=session.close&client=${client.id}`)).map(({ target }) => target.id);
      await expect.poll(reported, { timeout: 25_000 }).toContain(ids.at(-1));
      expect((await reported()).sort()).toEqual([...ids].sort());
    },
  );

  it('audits a closed session after a crash', async () => {
    const client = await aClient(server).register();
    const token = await client.token(NATIVE);
    await form(`${server.url}/auth/revoke`, { token }, client.basic);
    await server.kill();
    await server.restart();
    await eventually(server, `action=session.close&client=${client.id}`);
    await eventually(server, `action=token.issue&client=${client.id}`);
    await expectWhole(server);
  });

  it('audits all sessions of a disabled client in one event', async () => {
    const client = await aClient(server).register();
    await root().patch(`/Client/${client.id}`, { active: false });
    expect((await newest(`action=session.close&client=${client.id}`)).detail).toEqual({
      reason: 'client_disabled',
      sessions: 'all',
    });
    await root().delete(`/Session?client=${client.id}`);
    expect((await newest(`action=session.close&client=${client.id}`)).detail.reason).toBe('closed');
  });
});

describe('Audit of issued tokens', { timeout: 150_000 }, () => {
  it('audits each issued token once, in batches, with its terms (G01, ASVS 16.3.1)', async () => {
    const client = await aClient(server).withGrant('book:1:read').register();
    const second = await startServer({ beside: server });
    try {
      const many = Array.from({ length: 260 }, (_, i) =>
        form(
          `${(i % 2 ? second : server).url}/auth/token`,
          { grant_type: 'client_credentials', scope: 'book:1:read' },
          client.basic,
        ),
      );
      for (const { status } of await Promise.all(many)) expect(status).toBe(200);
      const sessionsReported = async () =>
        (await events(server, `action=token.issue&client=${client.id}`)).flatMap(({ detail }) =>
          detail.grants.flatMap(({ sessions, ...terms }: any) =>
            sessions.map((one: any) => ({ ...terms, ...one })),
          ),
        );
      await expect.poll(async () => (await sessionsReported()).length, { timeout: 60_000 }).toBe(260);
      const reported = await sessionsReported();
      const page = (await root().get(`/Session?client=${client.id}&_count=1000`)).body.entry;
      expect(reported.map(({ id }) => id).sort()).toEqual(
        page.map(({ resource }: any) => resource.id).sort(),
      );
      expect(reported[0]).toMatchObject({
        type: 'client_credentials',
        door: 'native',
        token_format: 'opaque',
        scope: 'book:1:read',
        audience: ['urn:library'],
        address: '127.0.0.1',
        user_agent: expect.stringMatching(/./),
      });
      expect((await events(server, `action=token.issue&client=${client.id}`)).length).toBeLessThan(20);
    } finally {
      await second.stop();
    }
    await expectWhole(server);
  });

  it('audits tokens before their rows are deleted', async () => {
    const brief = await aClient(server).withTokens({ access_token_expiration: 1 }).register();
    for (let i = 0; i < 5; i++) await brief.token(NATIVE);
    await expect
      .poll(async () => (await root().get(`/Session?client=${brief.id}`)).body.total, { timeout: 30_000 })
      .toBe(0);
    const reported = await events(server, `action=token.issue&client=${brief.id}`);
    expect(reported.reduce((sum, { detail }) => sum + detail.count, 0)).toBe(5);
  });
});

describe('Audit events', () => {
  it('contain no secret, no token, and no hash of one (A03, A09, S01, S02, ASVS 8.2.3)', async () => {
    const client = await aClient(server)
      .with({ secret: 'chosen-by-a-person' })
      .withTokens({ refresh_token: true })
      .register();
    const issued = (await client.ask(NATIVE)).body;
    const made = (await root().post('/Client', { grant_types: [] })).body;
    const rotated = (await root().post(`/Client/${made.id}/$rotate-secret`)).body;
    await root().patch(`/Client/${client.id}`, { secret: 'another-by-a-person' });
    await request(`${server.url}/auth/revoke`, {
      method: 'POST',
      body: new URLSearchParams({ token: issued.access_token }),
      headers: basic(client.id, 'another-by-a-person'),
    });
    await eventually(server, `action=session.close&client=${client.id}`);
    const dump = JSON.stringify(await query(server, 'SELECT * FROM audit_event'));
    const digests = await query(server, 'SELECT token_digest FROM session');
    const hashes = await query(server, 'SELECT digest FROM client_secret');
    for (const secret of [
      'chosen-by-a-person',
      'another-by-a-person',
      issued.access_token,
      issued.refresh_token,
      made.secret,
      rotated.secret,
      server.adminSecret,
      ...digests.map(({ token_digest }) => token_digest),
      ...hashes.map(({ digest }) => digest),
    ])
      expect(dump.includes(secret)).toBe(false);
    for (const member of ['"d":', 'sealed', 'digest']) expect(dump).not.toContain(member);
  });
});

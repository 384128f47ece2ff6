import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { events, eventually } from '../../admin/audit.js';
import { aCaller, linkTo } from '../../admin/callers.js';
import { admin } from '../../support/admin.js';
import { AUTH0, AUTHING, NATIVE } from '../../support/dialects.js';
import { basic, form } from '../../support/http.js';
import { aClient, aResource } from '../../support/registration.js';
import { startServer, type TestServer } from '../../support/server.js';

let server: TestServer;

beforeAll(async () => {
  server = await startServer();
  await aResource(server, 'book', ['read', 'write'], { audience: 'urn:library' });
});

afterAll(() => server.stop());

const root = () => admin(server);

describe('Credentials in the wrong member', { timeout: 120_000 }, () => {
  it('keeps credentials out of events and refusals, whatever member they came in (G02, ASVS 16.2.5)', async () => {
    const caller = await aCaller(server, 'Client:nobody:read');
    const client = await aClient(server).withTokens({ refresh_token: true }).register();
    const { access_token, refresh_token } = (await client.ask(NATIVE)).body;
    const assertion = ['eyJhbGciOiJFUzI1NiJ9', 'eyJzdWIiOiJzb21lYm9keSJ9', 'c'.repeat(86)].join('.');
    const header = basic(client.id, client.secret).authorization;
    const credentials = [access_token, refresh_token, client.secret, assertion, header];
    const refusals: string[] = [];
    const keep = ({ status, text, headers }: { status: number; text: string; headers: unknown }) => {
      expect(status, text).toBeLessThan(500);
      if (status >= 400) refusals.push(text + JSON.stringify(headers));
    };
    for (const value of credentials) {
      for (const dialect of [NATIVE, AUTH0, AUTHING]) {
        for (const name of ['scope', 'audience', 'resource'])
          keep(await client.ask(dialect, { [name]: value }));
        keep(await client.post(dialect, { grant_type: value }));
        keep(
          await form(server.url + dialect.token, {
            grant_type: 'client_credentials',
            client_id: value,
            client_secret: 'wrong-secret',
          }),
        );
      }
      const place = encodeURIComponent(value);
      for (const path of [`/Client/${place}`, `/Session/${place}`, `/Session?client=${place}`]) {
        keep(await caller.rest.get(path));
        keep(await root().get(path));
        keep(await root().delete(path));
      }
      keep(await root().post('/SigningKey/$rotate', { compromised: value }));
      keep(
        await root().put('/Resource/holds', {
          operations: [{ name: 'x' }],
          introspection_clients: linkTo(value),
        }),
      );
      await root().put('/Client/holds', { name: `the secret is ${value}` });
    }
    await eventually(server, `action=token.deny&client=${client.id}`, 3);
    await eventually(server, `action=authorization.deny&client=${caller.id}`);
    await server.restart();
    const all = JSON.stringify(await events(server));
    for (const value of [...credentials, header.slice('Basic '.length)]) {
      expect(all).not.toContain(value);
      expect(refusals.find((text) => text.includes(value))).toBeUndefined();
      expect(server.stderr()).not.toContain(value);
    }
    expect(all).toContain('the secret is lks_…');
  });

  it('stores no claimed id that may be a chosen secret, and the ids of clients unchanged (G02, ASVS 16.2.5)', async () => {
    const known = 'Billing2Service';
    await aClient(server, known).register();
    const secrets = ['Correct7Horse', 'p@ssw0rd of my own', 'hunter2:hunter2!'];
    const ask = (id: string) => [
      form(server.url + NATIVE.token, {
        grant_type: 'client_credentials',
        client_id: id,
        client_secret: 'wrong-secret',
      }),
      form(
        server.url + AUTH0.token,
        { grant_type: 'client_credentials' },
        basic(encodeURIComponent(id), 'wrong-secret'),
      ),
      admin(server, basic(id, 'wrong-secret')).get('/Client'),
    ];
    for (const secret of secrets) {
      for (const id of [secret, `${known}:${secret}`, `some-client:${secret}`]) {
        for (const { status } of await Promise.all(ask(id))) expect(status).toBe(401);
      }
    }
    await Promise.all(ask(known));
    await eventually(server, `action=authentication.fail&client=${known}`);
    await server.restart();
    const all = JSON.stringify(await events(server));
    for (const secret of secrets) {
      expect(all).not.toContain(secret);
      expect(server.stderr()).not.toContain(secret);
    }
    expect(all).toContain('"presented":"some-client:…"');
  });

  it.each([
    ['GET', (path: string) => path],
    ['PUT', (path: string) => path],
    ['PATCH', (path: string) => path],
    ['DELETE', (path: string) => path],
    ['POST', (path: string) => `${path}/$rotate-secret`],
    ['DELETE', (_: string, id: string) => `/Session?client=${id}`],
    ['POST', () => '/Client'],
  ] as const)(
    'stores no refused id that may be a secret: %s, kind %# (G02, ASVS 16.2.5)',
    async (method, at) => {
      const secrets = ['Correct9Horse', 'b7k2m9x4q1w8z5r3t6y0', 'XKCDQWRTPSDFGHJKLZXCVB'];
      for (const secret of secrets) {
        // Of each caller the first refusal is recorded with its description.
        const { id, rest } = await aCaller(server, 'Client:nothing-else:read');
        const path = at(`/Client/${secret}`, secret);
        const asked = method.toLowerCase() as 'get' | 'put' | 'patch' | 'delete' | 'post';
        const answer = await rest[asked](
          path,
          (asked === 'get' || asked === 'delete' ? {} : { id: secret }) as any,
        );
        expect(answer.status, answer.text).toBe(403);
        const [refused] = await eventually(server, `action=authorization.deny&client=${id}`);
        expect(refused.detail.description).toMatch(/^the caller lacks (?:Client|Session):…:\w+$/);
        expect(JSON.stringify(refused)).not.toContain(secret);
        expect(server.stderr()).not.toContain(secret);
      }
    },
  );

  it('masks a credential used as an id, and carries out the request (G02, ASVS 16.2.5)', async () => {
    const id = `lks_${'a-secret-that-is-an-id'.repeat(2)}`;
    expect((await root().put(`/Client/${id}`, {})).status).toBe(201);
    expect((await root().delete(`/Session?client=${id}`)).status).toBe(204);
    expect((await root().delete(`/Client/${id}`)).status).toBe(204);
    const reported = await events(server, 'client=lks_...');
    const actions = ['client.create', 'client.delete', 'session.close'];
    expect(reported.map(({ action }) => action)).toEqual(expect.arrayContaining(actions));
    expect(JSON.stringify(reported)).not.toContain(id);
  });
});

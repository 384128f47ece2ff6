import { beforeAll, describe, expect, it } from 'vitest';
import { type Admin, admin } from '../support/admin.js';
import { AUTHING, NATIVE } from '../support/dialects.js';
import { useLibrary } from '../support/library.js';
import { aClient, type TestClient } from '../support/registration.js';
import { expectProblem } from './answers.js';
import { withToken } from './callers.js';

const library = useLibrary();
let root: Admin;

beforeAll(() => {
  root = admin(library.server);
});

const aReader = () =>
  aClient(library.server)
    .with({ grant_types: ['basic', 'client_credentials'] })
    .withTokens({ refresh_token: true })
    .withGrant('Client:*:read', 'book:*:read')
    .register();

const opens = async (token: string) => (await withToken(library.server, token).get('/Client')).status === 200;
const active = (client: TestClient, value: boolean) => root.patch(`/Client/${client.id}`, { active: value });

describe('Disabling a client', () => {
  it.each([
    ['PATCH', (id: string) => root.patch(`/Client/${id}`, { active: false })],
    [
      'PUT',
      (id: string) => root.put(`/Client/${id}`, { active: false, grant_types: ['client_credentials'] }),
    ],
  ])(
    'closes the sessions of a client disabled by %s and rejects its credentials immediately (R10, I09, ASVS 7.4.2)',
    async (_, disable) => {
      const client = await aReader();
      const tokens = [
        await client.token(NATIVE),
        await client.token(AUTHING, { audience: library.own, scope: 'Client:*:read' }),
      ];
      for (const token of tokens) expect(await opens(token)).toBe(true);
      expect((await disable(client.id)).status).toBe(200);
      for (const token of tokens) expect(await opens(token)).toBe(false);
      expectProblem(await admin(library.server, client.basic).get('/Client'), 401);
      expect((await client.ask(NATIVE)).body).toMatchObject({ error: 'invalid_client' });
      const { body } = await root.get(`/Session?client=${client.id}&active=true`);
      expect(body.total).toBe(0);
    },
  );

  it('keeps the sessions closed when the client is enabled again (R10, F13, ASVS 7.4.2, CVE-2025-14559)', async () => {
    const client = await aReader();
    const { body: old } = await client.ask(NATIVE);
    await active(client, false);
    expect((await active(client, true)).body.active).toBe(true);
    expect(await opens(old.access_token)).toBe(false);
    const refresh = { grant_type: 'refresh_token', refresh_token: old.refresh_token };
    expect((await client.post(NATIVE, refresh)).body).toMatchObject({ error: 'invalid_grant' });
    expect((await root.get(`/Session?client=${client.id}&active=true`)).body.total).toBe(0);
    const fresh = await client.token(NATIVE);
    expect(await opens(fresh)).toBe(true);
    expect((await root.get(`/Session?client=${client.id}&active=true`)).body.total).toBe(1);
  });

  it('opens a new session immediately after the client is enabled, at any speed', async () => {
    const client = await aReader();
    for (let turn = 0; turn < 5; turn++) {
      const before = await client.token(NATIVE);
      await active(client, false);
      await active(client, true);
      const after = await client.token(NATIVE);
      expect(await opens(before)).toBe(false);
      expect(await opens(after)).toBe(true);
    }
  });

  it('closes nothing when the client is already disabled or already enabled', async () => {
    const client = await aReader();
    const token = await client.token(NATIVE);
    await active(client, true);
    await root.patch(`/Client/${client.id}`, { name: 'x' });
    expect(await opens(token)).toBe(true);
  });

  it('reports the sessions of a disabled client as closed', async () => {
    const client = await aReader();
    await client.token(NATIVE);
    await active(client, false);
    const { body } = await root.get(`/Session?client=${client.id}`);
    expect(body.entry).toHaveLength(1);
    expect(body.entry[0].resource).toMatchObject({ active: false, client: { id: client.id } });
  });

  it('leaves no token open that is requested while its client is disabled (R10, ASVS 7.4.2, CVE-2026-16103)', async () => {
    const client = await aReader();
    const asked = Array.from({ length: 20 }, () => client.ask(NATIVE));
    const disabled = active(client, false);
    const answers = await Promise.all(asked);
    expect((await disabled).status).toBe(200);
    for (const { status, body } of answers) {
      expect([200, 401]).toContain(status);
      if (status === 200) expect(await opens(body.access_token)).toBe(false);
    }
    expect((await root.get(`/Session?client=${client.id}&active=true`)).body.total).toBe(0);
    await active(client, true);
    for (const { status, body } of answers)
      if (status === 200) expect(await opens(body.access_token)).toBe(false);
  });
});

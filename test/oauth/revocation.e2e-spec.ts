import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NATIVE } from '../support/dialects.js';
import { basic, bearer, form, get } from '../support/http.js';
import { query } from '../support/query.js';
import { aClient, type TestClient } from '../support/registration.js';
import { startServer, type TestServer } from '../support/server.js';

const PATHS = ['/auth/revoke', '/oauth/revoke', '/oidc/token/revocation'];
const FORMATS = ['opaque', 'jwt'] as const;
const CASES = PATHS.flatMap((path) => FORMATS.map((format) => ({ path, format })));

let server: TestServer;
let clients: Record<(typeof FORMATS)[number], TestClient>;
let other: TestClient;

const refreshing = (token_format: string) =>
  aClient(server).withTokens({ refresh_token: true, token_format }).register();

beforeAll(async () => {
  server = await startServer();
  clients = { opaque: await refreshing('opaque'), jwt: await refreshing('jwt') };
  other = await aClient(server).register();
});

afterAll(() => server.stop());

const revoke = (caller: TestClient, token: string, fields = {}, path = PATHS[0]) =>
  form(server.url + path, { token, ...fields }, caller.basic);

const works = async (token: string) => (await get(`${server.url}/Session`, bearer(token))).status === 200;

const refresh = (client: TestClient, refresh_token: string) =>
  client.post(NATIVE, { grant_type: 'refresh_token', refresh_token });

describe('Revocation', { timeout: 90_000 }, () => {
  it('revokes many tokens concurrently in two processes and audits each once (R01, R03, RFC 7009 2.2)', async () => {
    const client = await aClient(server).register();
    const tokens = await Promise.all(Array.from({ length: 40 }, () => client.token(NATIVE)));
    const second = await startServer({ beside: server });
    try {
      const revokeAll = ({ url }: TestServer, some: string[]) =>
        some.map((token) => form(`${url}/auth/revoke`, { token }, client.basic));
      const answers = await Promise.all([
        ...revokeAll(server, tokens),
        ...revokeAll(second, tokens.toReversed()),
      ]);
      expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    } finally {
      await second.stop();
    }
    const notes = await query(
      server,
      `SELECT n.session_id FROM session_note n JOIN session s ON s.id = n.session_id
       WHERE n.kind = 'closing' AND n.client_id = ? AND n.noted_at = s.closed_at`,
      [client.id],
    );
    expect(notes.length).toBeGreaterThanOrEqual(tokens.length);
    expect(new Set(notes.map(({ session_id }) => session_id)).size).toBe(tokens.length);
  });
});

describe.each(CASES)('POST $path of $format tokens', ({ path, format }) => {
  let client: TestClient;
  beforeAll(() => {
    client = clients[format];
  });

  it('revokes an access token at once and is idempotent (R01, R03, R08, RFC 7009 2.2, CVE-2018-1000211)', async () => {
    const token = await client.token(NATIVE);
    expect(await works(token)).toBe(true);
    for (const _ of [1, 2]) {
      const { status, body, headers } = await revoke(client, token, {}, path);
      expect([status, body, headers.get('cache-control')]).toEqual([200, {}, 'no-store']);
      expect(await works(token)).toBe(false);
    }
  });

  it('answers 200 for an unknown token (R03, RFC 7009 2.2)', async () => {
    for (const token of ['unknown', 'a.b.c', `lka_${'A'.repeat(70)}`]) {
      const { status, body } = await revoke(client, token, {}, path);
      expect([status, body]).toEqual([200, {}]);
    }
  });

  it('rejects the token of another client, which stays valid (R02, RFC 7009 2.1, CVE-2018-1000211)', async () => {
    const token = await client.token(NATIVE);
    const { status, body } = await revoke(other, token, {}, path);
    expect([status, body.error]).toEqual([400, 'invalid_grant']);
    expect(await works(token)).toBe(true);
  });

  it('ignores a wrong token_type_hint (R04, R05, RFC 7009 2.1)', async () => {
    const token = await client.token(NATIVE);
    expect((await revoke(client, token, { token_type_hint: 'refresh_token' }, path)).status).toBe(200);
    expect(await works(token)).toBe(false);
    for (const token_type_hint of ['access_token', 'refresh_token', 'id_token', 'nonsense', '']) {
      const { body } = await client.ask(NATIVE);
      const hinted = await revoke(client, body.refresh_token, { token_type_hint }, path);
      expect([hinted.status, hinted.body]).toEqual([200, {}]);
      expect(await works(body.access_token)).toBe(false);
    }
  });

  it('requires client authentication, a token and POST (C12, R13, RFC 7009 2.1, aioauth#93, DefGuard#3625)', async () => {
    const wrong = await form(server.url + path, { token: 'x' }, basic(client.id, 'not its secret'));
    expect([wrong.status, wrong.body.error]).toEqual([401, 'invalid_client']);
    const without = await form(server.url + path, {}, client.basic);
    expect([without.status, without.body.error]).toEqual([400, 'invalid_request']);
    const read = await get(`${server.url}${path}?token=x`);
    expect([read.status, read.headers.get('allow')]).toEqual([405, 'POST']);
  });
});

describe.each(FORMATS)('A family of %s tokens', (format) => {
  let client: TestClient;
  beforeAll(() => {
    client = clients[format];
  });

  it('keeps the family when one of its access tokens is revoked', async () => {
    const { body } = await client.ask(NATIVE);
    await revoke(client, body.access_token);
    expect((await refresh(client, body.refresh_token)).status).toBe(200);
  });

  it('revokes the whole family with a refresh token (R07, RFC 7009 2)', async () => {
    const { body: first } = await client.ask(NATIVE);
    const { body: second } = await refresh(client, first.refresh_token);
    expect(await works(second.access_token)).toBe(true);
    expect((await revoke(client, second.refresh_token)).status).toBe(200);
    expect([await works(first.access_token), await works(second.access_token)]).toEqual([false, false]);
    expect((await refresh(client, second.refresh_token)).body.error).toBe('invalid_grant');
  });

  it('keeps a family closed despite a concurrent refresh (R12, RFC 7009 2, KC#51312)', async () => {
    for (let round = 0; round < 50; round++) {
      const { body } = await client.ask(NATIVE);
      const [refreshed, revoked] = await Promise.all([
        refresh(client, body.refresh_token),
        revoke(client, body.refresh_token),
      ]);
      expect(revoked.status).toBe(200);
      expect(await works(body.access_token)).toBe(false);
      if (refreshed.status !== 200) continue;
      expect(await works(refreshed.body.access_token)).toBe(false);
      expect((await refresh(client, refreshed.body.refresh_token)).body.error).toBe('invalid_grant');
    }
  });
});

import { setTimeout as sleep } from 'node:timers/promises';
import { decodeJwt } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { admin } from '../../support/admin.js';
import { AUTH0, AUTHING, NATIVE } from '../../support/dialects.js';
import { bearer, form, request } from '../../support/http.js';
import { LIBRARY, READ_BOOK_1, useLibrary } from '../../support/library.js';
import { aClient, type TestClient } from '../../support/registration.js';

const library = useLibrary();
let client: TestClient;

const refreshing = (tokens: object = {}) =>
  aClient(library.server)
    .withTokens({ refresh_token: true, ...tokens })
    .withGrant('book:*:*', 'page:*:turn', 'diary:*:read')
    .register();

beforeAll(async () => {
  client = await refreshing();
});

const refresh = (one: TestClient, refresh_token: string, fields: Record<string, string> = {}) =>
  one.post(NATIVE, { grant_type: 'refresh_token', refresh_token, ...fields });

const invalidGrant = {
  error: 'invalid_grant',
  error_description:
    'the refresh token is unknown, expired, used or closed, or was not issued to this client',
};

/** Tokens for the server's own audience, so that an access token can be tried at GET /Session. */
const open = async (one: TestClient) => (await one.ask(NATIVE)).body;

const works = async (accessToken: string) =>
  (await request(`${library.server.url}/Session`, { headers: bearer(accessToken) })).status;

describe('A refresh token', () => {
  it('comes with an access token of the native dialect alone, to a client that has it', async () => {
    const { body } = await client.ask(NATIVE, READ_BOOK_1);
    expect(body).toEqual({
      access_token: expect.stringMatching(/^lka_/),
      token_type: 'Bearer',
      expires_in: 3600,
      scope: 'book:1:read',
      refresh_token: expect.stringMatching(/^lkr_[A-Za-z0-9_-]{70}$/),
    });
    for (const dialect of [AUTH0, AUTHING]) {
      expect((await client.ask(dialect, READ_BOOK_1)).body).not.toHaveProperty('refresh_token');
    }
  });

  it('gives a new access token for the same audience and scope, and a new refresh token (F03, RFC 6749 6)', async () => {
    const jwt = await refreshing({ token_format: 'jwt' });
    const first = (await jwt.ask(NATIVE, READ_BOOK_1)).body;
    const { status, body, headers } = await refresh(jwt, first.refresh_token);
    expect(status).toBe(200);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(body).toEqual({
      access_token: expect.any(String),
      token_type: 'Bearer',
      expires_in: 3600,
      scope: 'book:1:read',
      refresh_token: expect.stringMatching(/^lkr_/),
    });
    expect(body.refresh_token).not.toBe(first.refresh_token);
    const [before, after] = [decodeJwt(first.access_token), decodeJwt(body.access_token)];
    const kept = ({ iss, sub, aud, client_id, scope }: typeof before) => ({
      iss,
      sub,
      aud,
      client_id,
      scope,
    });
    expect(kept(after)).toEqual(kept(before));
    expect(after.jti).not.toBe(before.jti);
  });

  it('works once; the old access token lives on to its own expiry (F05, RFC 9700 4.14)', async () => {
    const first = await open(client);
    const second = (await refresh(client, first.refresh_token)).body;
    const third = (await refresh(client, second.refresh_token)).body;
    for (const { access_token } of [first, second, third]) expect(await works(access_token)).toBe(200);
  });

  it.each([
    [0, 'opaque'],
    [1, 'opaque'],
    [1, 'jwt'],
  ])(
    'closes the whole family on reuse after %i more refreshes: %s (F05, F10, RFC 9700 4.14, KC#52666)',
    async (more, token_format) => {
      const client = await refreshing({ token_format });
      const first = await open(client);
      let last = (await refresh(client, first.refresh_token)).body;
      for (let n = 0; n < more; n++) last = (await refresh(client, last.refresh_token)).body;
      const reused = await refresh(client, first.refresh_token);
      expect(reused.status).toBe(400);
      expect(reused.body).toEqual(invalidGrant);
      expect((await refresh(client, last.refresh_token)).body).toEqual(invalidGrant);
      expect(await works(first.access_token)).toBe(401);
      expect(await works(last.access_token)).toBe(401);
    },
  );

  it('closes no other family of the client (F05, RFC 9700 4.14)', async () => {
    const [one, other] = [await open(client), await open(client)];
    await refresh(client, one.refresh_token);
    await refresh(client, one.refresh_token);
    expect(await works(other.access_token)).toBe(200);
    expect((await refresh(client, other.refresh_token)).status).toBe(200);
  });

  it('works only for a client that authenticates (F01, RFC 6749 6, DefGuard#3625)', async () => {
    const { refresh_token } = await open(client);
    const url = library.server.url + NATIVE.token;
    const asked = { grant_type: 'refresh_token', refresh_token };
    for (const fields of [
      asked,
      { ...asked, client_id: client.id },
      { ...asked, ...client.inBody, client_secret: 'wrong one' },
    ]) {
      const answer = await form(url, fields);
      expect(answer.status).toBe(401);
      expect(answer.body.error).toBe('invalid_client');
    }
    expect((await form(url, { ...asked, ...client.inBody })).status).toBe(200);
  });

  it('works only for its own client; an attempt of another changes nothing (F02, RFC 6749 6)', async () => {
    const other = await refreshing();
    const first = await open(client);
    const stolen = await refresh(other, first.refresh_token);
    expect(stolen.status).toBe(400);
    expect(stolen.body).toEqual(invalidGrant);
    expect(await works(first.access_token)).toBe(200);
    const { refresh_token } = (await refresh(client, first.refresh_token)).body;
    expect((await refresh(other, first.refresh_token)).body).toEqual(invalidGrant);
    expect((await refresh(client, refresh_token)).status).toBe(200);
  });

  it.each([AUTH0, AUTHING])(
    'is not served in the $name dialect, where it changes nothing',
    async (dialect) => {
      const { refresh_token } = await open(client);
      const answer = await client.post(dialect, { grant_type: 'refresh_token', refresh_token });
      expect(answer.status).toBe(400);
      expect(answer.body.error).toBe('unsupported_grant_type');
      expect((await refresh(client, refresh_token)).status).toBe(200);
    },
  );

  it('must be sent, and be one (RFC 6749 5.2)', async () => {
    const { access_token, refresh_token } = await open(client);
    const missing = await refresh(client, '');
    expect(missing.status).toBe(400);
    expect(missing.body).toEqual({
      error: 'invalid_request',
      error_description: 'refresh_token is required',
    });
    for (const wrong of [
      'x',
      access_token,
      `${refresh_token}x`,
      refresh_token.toLowerCase(),
      `lkr_${'A'.repeat(70)}`,
    ]) {
      const answer = await refresh(client, wrong);
      expect(answer.status).toBe(400);
      expect(answer.body).toEqual(invalidGrant);
    }
  });

  it('is rejected as an access token (J14, F14, RFC 8725 3.12)', async () => {
    const { refresh_token } = await open(client);
    expect(await works(refresh_token)).toBe(401);
    expect((await refresh(client, refresh_token)).status).toBe(200);
  });

  it('expires after the idle lifetime of its client, counted from the last use (F12, OAuth 2.1 4.3.3)', async () => {
    const brief = await refreshing({ refresh_token_expiration: 5 });
    const unused = await open(brief);
    let used = await open(brief);
    for (let n = 0; n < 2; n++) {
      await sleep(2600);
      const answer = await refresh(brief, used.refresh_token);
      expect(answer.status).toBe(200);
      used = answer.body;
    }
    expect((await refresh(brief, unused.refresh_token)).body).toEqual(invalidGrant);
  });

  it('outlives its access token', async () => {
    const brief = await refreshing({ access_token_expiration: 1 });
    const { access_token, refresh_token } = await open(brief);
    await sleep(1200);
    expect(await works(access_token)).toBe(401);
    // The next access token must not expire before it is tried, however slow the machine is.
    const longer = { auth: { client_credentials: { access_token_expiration: 600 } } };
    expect((await admin(library.server).patch(`/Client/${brief.id}`, longer)).status).toBe(200);
    const { body } = await refresh(brief, refresh_token);
    expect(await works(body.access_token)).toBe(200);
  });

  it.each<[string, (session: { id: string; access_token: string; client: TestClient }) => Promise<unknown>]>([
    ['its session', ({ id }) => admin(library.server).patch(`/Session/${id}`, { active: false })],
    ['its session, deleted', ({ id }) => admin(library.server).delete(`/Session/${id}`)],
    [
      'the session of its caller',
      ({ access_token }) =>
        request(`${library.server.url}/Session`, { method: 'DELETE', headers: bearer(access_token) }),
    ],
    [
      'all sessions of its client',
      ({ client: one }) => admin(library.server).delete(`/Session?client=${one.id}`),
    ],
  ])('ends when %s is closed', async (_what, close) => {
    const one = await refreshing({ token_format: 'jwt' });
    const first = await open(one);
    const second = (await refresh(one, first.refresh_token)).body;
    await close({
      id: decodeJwt(first.access_token).jti as string,
      access_token: first.access_token,
      client: one,
    });
    expect(await works(second.access_token)).toBe(401);
    expect((await refresh(one, second.refresh_token)).body).toEqual(invalidGrant);
    expect(await works((await open(one)).access_token)).toBe(200);
  });

  it('is refused when its client may no longer refresh, and works again when it may (F13, OAuth 2.1 4.3.1, CVE-2026-1609)', async () => {
    const one = await refreshing();
    const { refresh_token } = await open(one);
    const turn = (on: boolean) =>
      admin(library.server).patch(`/Client/${one.id}`, {
        auth: { client_credentials: { refresh_token: on } },
      });
    await turn(false);
    const refused = await refresh(one, refresh_token);
    expect(refused.status).toBe(400);
    expect(refused.body.error).toBe('unauthorized_client');
    await turn(true);
    expect((await refresh(one, refresh_token)).status).toBe(200);
  });

  it.each([[['basic']], [[]]])(
    'is refused with grant_types %j, and works again with client_credentials (T15, F13, RFC 6749 5.2)',
    async (grant_types) => {
      const one = await refreshing();
      const { access_token, refresh_token } = await open(one);
      const grant = (grants: string[]) =>
        admin(library.server).patch(`/Client/${one.id}`, { grant_types: grants });
      const introspect = async (token: string) =>
        (await form(`${library.server.url}/auth/introspect`, { token }, one.basic)).body.active;
      expect(await introspect(refresh_token)).toBe(true);
      await grant(grant_types);
      for (const token of [refresh_token, 'lkr_x']) {
        const { status, body } = await refresh(one, token);
        expect([status, body]).toEqual([
          400,
          {
            error: 'unauthorized_client',
            error_description: 'the client is not registered for client_credentials',
          },
        ]);
      }
      expect([await introspect(refresh_token), await introspect(access_token)]).toEqual([false, true]);
      expect(await works(access_token)).toBe(200);
      await grant(['client_credentials']);
      expect(await introspect(refresh_token)).toBe(true);
      expect((await refresh(one, refresh_token)).status).toBe(200);
    },
  );

  it('is for the audience that it was issued for (F15, RFC 8707 2.2)', async () => {
    const asked = (await client.ask(NATIVE, READ_BOOK_1)).body;
    for (const audience of ['urn:atlas', library.own, 'http://unregistered.example']) {
      const answer = await refresh(client, asked.refresh_token, { audience });
      expect(answer.status).toBe(400);
      expect(answer.body).toEqual({
        error: 'invalid_target',
        error_description: 'the refresh token was not issued for this audience',
      });
    }
    expect((await refresh(client, asked.refresh_token, { resource: LIBRARY })).status).toBe(200);
  });
});

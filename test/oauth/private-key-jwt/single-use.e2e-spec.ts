import { beforeAll, describe, expect, it } from 'vitest';
import {
  aSigningClient,
  INVALID_CLIENT,
  JWT_BEARER,
  nowSeconds,
  type SigningClient,
} from '../../support/assertions.js';
import { AUTH0, AUTHING, DIALECTS, NATIVE } from '../../support/dialects.js';
import { form } from '../../support/http.js';
import { useLibrary } from '../../support/library.js';
import { startServer } from '../../support/server.js';

const library = useLibrary();
let client: SigningClient;

beforeAll(async () => {
  client = await aSigningClient(library.server);
});

describe('An assertion', () => {
  it.each(DIALECTS)(
    'accepts an assertion once in the $name dialect (C22, RFC 7523 3, GHSA-v3q9-2p3m-7g43)',
    async (dialect) => {
      const assertion = await client.assertion(dialect);
      expect((await client.present(dialect, assertion)).status).toBe(200);
      for (let again = 0; again < 3; again++) {
        expect((await client.present(dialect, assertion)).body).toEqual(INVALID_CLIENT);
      }
    },
  );

  it('accepts an assertion once across dialects (C22, RFC 7523 3)', async () => {
    const assertion = await client.assertion(NATIVE);
    expect((await client.present(AUTH0, assertion)).status).toBe(200);
    expect((await client.present(NATIVE, assertion)).body).toEqual(INVALID_CLIENT);
  });

  it('accepts an assertion once across endpoints (C22, C12, RFC 7523 3)', async () => {
    const presented = { client_assertion_type: JWT_BEARER, client_assertion: await client.assertion(NATIVE) };
    const introspect = () => form(`${library.server.url}/auth/introspect`, { token: 'x', ...presented });
    expect((await introspect()).status).toBe(200);
    expect((await introspect()).body).toEqual(INVALID_CLIENT);
    expect((await client.present(NATIVE, presented.client_assertion)).body).toEqual(INVALID_CLIENT);
  });

  it('identifies a used assertion by client and jti only (C22, RFC 7523 3)', async () => {
    const other = await aSigningClient(library.server);
    const jti = 'the-same-jti';
    const exp = nowSeconds() + 120;
    expect((await client.ask(NATIVE, { jti })).status).toBe(200);
    expect((await client.ask(NATIVE, { jti, exp })).body).toEqual(INVALID_CLIENT);
    expect((await client.ask(NATIVE, { jti: 'The-same-jti' })).status).toBe(200);
    expect((await client.ask(NATIVE, { jti: 'the-same-jti ' })).status).toBe(200);
    expect((await other.ask(NATIVE, { jti })).status).toBe(200);
  });

  it('accepts one of 20 concurrent copies without affecting other clients (C22, RFC 7523 3, GHSA-3p3g-vpw6-4w66)', async () => {
    const assertion = await client.assertion(NATIVE);
    const same = Array.from({ length: 20 }, () => client.present(NATIVE, assertion));
    const others = Array.from({ length: 10 }, () => client.ask(NATIVE));
    const statuses = (await Promise.all(same)).map(({ status }) => status).sort();
    expect(statuses).toEqual([200, ...Array(19).fill(401)]);
    for (const { status } of await Promise.all(others)) expect(status).toBe(200);
  });

  it('lets only the client use up a jti (C22, RFC 7523 3)', async () => {
    const claims = client.claims(NATIVE);
    const other = await aSigningClient(library.server);
    const foreign = await other.signer.sign(claims);
    expect((await client.present(NATIVE, foreign)).body).toEqual(INVALID_CLIENT);
    const right = await client.signer.sign(claims);
    expect((await client.present(AUTH0, right, { client_id: other.id })).body).toEqual(INVALID_CLIENT);
    expect((await client.present(NATIVE, right)).status).toBe(200);
  });

  it('accepts an assertion once in two processes on one database (C22, RFC 7523 3, GHSA-3p3g-vpw6-4w66)', async () => {
    const beside = await startServer({ beside: library.server });
    try {
      for (let round = 0; round < 3; round++) {
        const assertion = await client.assertion(NATIVE);
        const urls = [library.server.url, beside.url];
        const asked = Array.from({ length: 20 }, (_, index) =>
          client.present(NATIVE, assertion, {}, urls[index % 2]),
        );
        const statuses = (await Promise.all(asked)).map(({ status }) => status).sort();
        expect(statuses).toEqual([200, ...Array(19).fill(401)]);
      }
    } finally {
      await beside.stop();
    }
  });

  it('recognises a used assertion after a restart and after a kill (C22, RFC 7523 3)', {
    timeout: 120_000,
  }, async () => {
    const first = await client.assertion(NATIVE);
    expect((await client.present(NATIVE, first)).status).toBe(200);
    await library.server.restart();
    expect((await client.present(NATIVE, first)).body).toEqual(INVALID_CLIENT);
    const second = await client.assertion(NATIVE);
    expect((await client.present(NATIVE, second)).status).toBe(200);
    await library.server.kill();
    await library.server.start();
    expect((await client.present(NATIVE, second)).body).toEqual(INVALID_CLIENT);
    expect((await client.ask(NATIVE)).status).toBe(200);
  });
});

const BESIDE = [
  { dialect: NATIVE, kind: 'introspection', path: '/auth/introspect' },
  { dialect: NATIVE, kind: 'revocation', path: '/auth/revoke' },
  { dialect: AUTH0, kind: 'introspection', path: '/oauth/introspect' },
  { dialect: AUTH0, kind: 'revocation', path: '/oauth/revoke' },
  { dialect: AUTHING, kind: 'introspection', path: '/oidc/token/introspection' },
  { dialect: AUTHING, kind: 'revocation', path: '/oidc/token/revocation' },
];

describe.each(BESIDE)('private_key_jwt at $path', ({ dialect, kind, path }) => {
  const post = (token: string, client_assertion: string) =>
    form(library.server.url + path, { token, client_assertion_type: JWT_BEARER, client_assertion });

  it('supports private_key_jwt (C12, K06, RFC 8414 2)', async () => {
    const token = (await client.ask(dialect)).body.access_token;
    for (const wrong of [
      'a.b.c',
      await client.assertion(dialect, { aud: library.server.publicUrl + path }),
    ]) {
      expect((await post(token, wrong)).body).toEqual(INVALID_CLIENT);
    }
    const answer = await post(token, await client.assertion(dialect));
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject(kind === 'introspection' ? { active: true, client_id: client.id } : {});
  });

  it('accepts the token endpoint as aud for a client with that setting (C20, FAPI 2.0 5.3.2.1)', async () => {
    const aidbox = await aSigningClient(library.server, { assertion_audience: 'token_endpoint' });
    const aud = library.server.publicUrl + dialect.token;
    expect((await post('unknown', await aidbox.assertion(dialect, { aud }))).status).toBe(200);
    expect((await post('unknown', await aidbox.assertion(dialect))).body).toEqual(INVALID_CLIENT);
  });
});

import { createHash, randomBytes } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import { decodeJwt } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { NATIVE } from '../../support/dialects.js';
import { type Answer, bearer, form, get, request } from '../../support/http.js';
import { READ_BOOK_1, useLibrary } from '../../support/library.js';
import { aClient, type TestClient } from '../../support/registration.js';

const library = useLibrary();
let client: TestClient;

const INTROSPECTIONS = ['/auth/introspect', '/oauth/introspect', '/oidc/token/introspection'];
const REVOCATIONS = ['/auth/revoke', '/oauth/revoke', '/oidc/token/revocation'];

beforeAll(async () => {
  client = await aClient(library.server).withGrant('book:*:read', 'Client:root:read').register();
});

const url = (path: string) => library.server.url + path;
const introspect = (token: string, path = INTROSPECTIONS[0] as string) =>
  form(url(path), { token }, client.basic);

const encode = (value: object | Buffer) =>
  (Buffer.isBuffer(value) ? value : Buffer.from(JSON.stringify(value))).toString('base64url');

/** A JWE of five parts whose plaintext grows a thousandfold (RFC 7516 3.1). */
const bomb = (bytes: number) =>
  [
    encode({ alg: 'dir', enc: 'A256GCM', zip: 'DEF' }),
    '',
    encode(randomBytes(12)),
    encode(deflateRawSync(Buffer.alloc(bytes))),
    encode(randomBytes(16)),
  ].join('.');

const HOSTILE: [string, () => string][] = [
  ['a compressed JWE', () => bomb(30_000_000)],
  ['a header of 40 kB', () => `${encode({ alg: 'RS256', x: 'y'.repeat(30_000) })}.${encode({})}.AAAA`],
  ['a payload of 40 kB', () => `${encode({ alg: 'RS256' })}.${encode({ jti: 'x'.repeat(30_000) })}.AAAA`],
  ['a signature of 40 kB', () => `${encode({ alg: 'RS256' })}.${encode({ jti: 'x' })}.${'A'.repeat(40_000)}`],
  ['20,000 parts', () => 'a.'.repeat(20_000)],
  ['a payload that is nested deep', () => `e30.${Buffer.from('['.repeat(25_000)).toString('base64url')}.x`],
  ['dots', () => '.'.repeat(50_000)],
  ['a long opaque value', () => `lka_${'A'.repeat(50_000)}`],
];

const SOON_MS = 2_000;

async function soon(ask: Promise<Answer>): Promise<Answer> {
  const start = performance.now();
  const answer = await ask;
  expect(performance.now() - start).toBeLessThan(SOON_MS);
  return answer;
}

describe('A token that is none, however large (J17, L02, RFC 8725 3.6, CVE-2024-28176, CVE-2025-61920)', () => {
  it.each(HOSTILE)('introspects as inactive without delay: %s', async (_what, make) => {
    for (const path of INTROSPECTIONS) {
      const { status, body } = await soon(introspect(make(), path));
      expect([status, body]).toEqual([200, { active: false }]);
    }
  });

  it.each(HOSTILE)('revokes nothing: %s', async (_what, make) => {
    for (const path of REVOCATIONS) {
      const { status, body } = await soon(form(url(path), { token: make() }, client.basic));
      expect([status, body]).toEqual([200, {}]);
    }
  });

  it.each(HOSTILE)('rejects as a refresh token: %s', async (_what, make) => {
    const patient = await aClient(library.server).withTokens({ refresh_token: true }).register();
    const fields = { grant_type: 'refresh_token', refresh_token: make() };
    const { status, body } = await soon(patient.post(NATIVE, fields));
    expect([status, body.error]).toEqual([400, 'invalid_grant']);
  });

  it.each(HOSTILE)('rejects as an access token: %s', async (_what, make) => {
    for (const path of ['/Client/root', '/auth/verify?scope=book:1:read']) {
      const { status } = await soon(get(url(path), bearer(make().slice(0, 12_000))));
      expect(status).toBe(401);
    }
  });
});

/** The token with one of its characters changed, by place. */
const changedAt = (token: string, place: number) =>
  `${token.slice(0, place)}${token[place] === 'A' ? 'B' : 'A'}${token.slice(place + 1)}`;

describe.each(['jwt', 'opaque'])('What is remembered of a token that was asked about: %s', (token_format) => {
  const fresh = (one: TestClient) => one.token(NATIVE, READ_BOOK_1);

  it('never answers from the cache for a token that differs in one character (I05, RFC 7662 2.2, GHSA-rp9m-7r4c-75qg)', async () => {
    const one = await aClient(library.server)
      .withTokens({ token_format })
      .withGrant('book:1:read')
      .register();
    const token = await fresh(one);
    const ask = (value: string) => form(url('/auth/introspect'), { token: value }, one.basic);
    expect((await ask(token)).body.active).toBe(true);
    const digest = createHash('sha256').update(token).digest();
    // The last character of unpadded Base64url may hold bits that are not read; the one before never does.
    const places = [0, 5, ...digest.subarray(0, 20)].map((n) => n % (token.length - 1));
    for (const place of places) {
      const { body } = await ask(changedAt(token, place));
      expect(body, `place ${place}`).toEqual({ active: false });
    }
    expect((await ask(token)).body.active).toBe(true);
  });

  it('answers concurrent introspections each for its own token (I04, J18, RFC 7662 2.2, GHSA-rp9m-7r4c-75qg)', async () => {
    const one = await aClient(library.server)
      .withTokens({ token_format })
      .withGrant('book:*:read')
      .register();
    const scopes = Array.from({ length: 40 }, (_, n) => `book:${n}:read`);
    const tokens = await Promise.all(scopes.map((scope) => one.token(NATIVE, { scope })));
    for (let round = 0; round < 2; round++) {
      const answers = await Promise.all(
        tokens.map((token) => form(url('/auth/introspect'), { token }, one.basic)),
      );
      expect(answers.map(({ body }) => body.scope)).toEqual(scopes);
      expect(new Set(answers.map(({ body }) => body.jti)).size).toBe(scopes.length);
      if (token_format === 'jwt')
        expect(answers.map(({ body }) => body.jti)).toEqual(tokens.map((token) => decodeJwt(token).jti));
    }
  });

  it('answers the same for every token_type_hint (I08, RFC 7662 2.1)', async () => {
    const one = await aClient(library.server)
      .withTokens({ token_format })
      .withGrant('book:1:read')
      .register();
    const token = await fresh(one);
    for (const token_type_hint of ['access_token', 'refresh_token', 'nonsense', '']) {
      const { body } = await form(url('/auth/introspect'), { token, token_type_hint }, one.basic);
      expect(body.active, token_type_hint).toBe(true);
    }
  });

  it('reports a cached token as inactive once it is revoked or expired (I05, I09, RFC 7662 2.2)', async () => {
    const brief = await aClient(library.server)
      .withTokens({ token_format, access_token_expiration: 1 })
      .withGrant('book:1:read')
      .register();
    const [ending, revoked] = [await fresh(brief), await fresh(client)];
    expect((await introspect(revoked)).body.active).toBe(true);
    expect((await form(url('/auth/revoke'), { token: revoked }, client.basic)).status).toBe(200);
    expect((await introspect(revoked)).body).toEqual({ active: false });
    await new Promise((resolve) => setTimeout(resolve, 1200));
    for (const path of INTROSPECTIONS) {
      const { body } = await form(url(path), { token: ending }, brief.basic);
      expect(body).toEqual({ active: false });
    }
    const opened = await request(url('/auth/verify?scope=book:1:read'), { headers: bearer(ending) });
    expect(opened.status).toBe(401);
  });
});

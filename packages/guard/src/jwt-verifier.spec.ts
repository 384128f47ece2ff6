import { type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  AUDIENCE,
  claimsOf,
  FakeIssuer,
  ISSUER,
  makeKey,
  now,
  type SigningKey,
} from '../test/fake-issuer.js';
import { createGuard, type GuardOptions, type Refusal } from './guard.js';

const rsa = await makeKey('RS256');
let issuer: FakeIssuer;

const guardOf = (options: Partial<GuardOptions> = {}) =>
  createGuard({ issuer: ISSUER, audience: AUDIENCE, fetch: issuer.fetch, ...options });

async function judge(token: string, options?: Partial<GuardOptions>): Promise<string> {
  try {
    return (await guardOf(options).verify(token)).clientId;
  } catch (error) {
    const { status, code, description } = error as Refusal;
    return `${status} ${code}: ${description}`;
  }
}

beforeEach(() => {
  issuer = new FakeIssuer();
  issuer.published.push(rsa.jwk);
});

describe('A JWT', () => {
  it.each(['RS256', 'PS256', 'ES256', 'EdDSA'])('signed with %s says who asks', async (alg) => {
    const key = await makeKey(alg, 'another');
    issuer.published.push(key.jwk);
    expect(await guardOf().verify(await issuer.sign(key))).toEqual({
      clientId: 'reader',
      scope: ['book:*:read'],
      claims: claimsOf({ iat: expect.any(Number), exp: expect.any(Number) }),
      tokenFormat: 'jwt',
    });
  });

  it.each(['at+jwt', 'JWT', 'jwt', 'application/at+jwt', 'AT+JWT'])('may have the type %s', async (typ) => {
    expect(await judge(await issuer.sign(rsa, {}, { typ }))).toBe('reader');
  });

  it.each(['', 'id_token+jwt', 'logout+jwt', 'at+jwtx', 'x-jwt'])('may not have the type %j', async (typ) => {
    expect(await judge(await issuer.sign(rsa, {}, { typ }))).toBe(
      '401 invalid_token: the token is not an access token',
    );
  });

  it.each([
    ['another audience', { aud: 'urn:other' }, 'the access token was not issued for this API'],
    ['no audience', { aud: undefined }, 'the access token was not issued for this API'],
    ['another issuer', { iss: 'https://other.example/' }, 'the access token is from another issuer'],
    ['no issuer', { iss: undefined }, 'the access token is from another issuer'],
    ['an issuer without its slash', { iss: ISSUER.slice(0, -1) }, 'the access token is from another issuer'],
    ['an end in the past', { exp: now() - 6 }, 'the access token has expired'],
    ['no end', { exp: undefined }, 'the access token is not valid'],
    ['a beginning to come', { nbf: now() + 60 }, 'the access token is not valid'],
    ['no client', { client_id: undefined }, 'the access token names no client'],
  ] as [string, JWTPayload, string][])('with %s is refused', async (_, changes, description) => {
    expect(await judge(await issuer.sign(rsa, changes))).toBe(`401 invalid_token: ${description}`);
  });

  it('may be for several audiences, and the guard for several', async () => {
    const token = await issuer.sign(rsa, { aud: ['urn:other', AUDIENCE] });
    expect(await judge(token)).toBe('reader');
    expect(await judge(token, { audience: ['urn:nobody', 'urn:other'] })).toBe('reader');
  });

  it('is forgiven a few seconds between two clocks', async () => {
    const late = await issuer.sign(rsa, { exp: now() - 3 });
    expect(await judge(late)).toBe('reader');
    expect(await judge(late, { clockToleranceSeconds: 0 })).toMatch(/^401/);
    expect(await judge(await issuer.sign(rsa, { nbf: now() + 3 }))).toBe('reader');
  });

  it('is verified with an algorithm that the options list, whatever its header says', async () => {
    expect(await judge(await issuer.sign(rsa), { algorithms: ['ES256'] })).toMatch(/^401 invalid_token/);
    expect(await judge(new UnsecuredJWT(claimsOf()).encode())).toMatch(/^401 invalid_token/);
    const byPublicKey = new SignJWT(claimsOf()).setProtectedHeader({
      alg: 'HS256',
      kid: rsa.kid,
      typ: 'JWT',
    });
    const secret = new TextEncoder().encode(String(rsa.jwk.n));
    expect(await judge(await byPublicKey.sign(secret))).toMatch(/^401 invalid_token/);
  });

  it('that was altered, or signed with another key, is rejected', async () => {
    const [header, payload, signature] = (await issuer.sign(rsa)).split('.') as [string, string, string];
    const more = Buffer.from(JSON.stringify(claimsOf({ scope: '*' }))).toString('base64url');
    expect(await judge([header, more, signature].join('.'))).toMatch(/^401 invalid_token/);
    expect(await judge([header, payload, ''].join('.'))).toMatch(/^401 invalid_token/);
    const stranger: SigningKey = { ...(await makeKey('RS256')), kid: rsa.kid };
    expect(await judge(await issuer.sign(stranger))).toMatch(/^401 invalid_token/);
  });

  it.each(['..', 'a.b.c', 'e30.e30.', 'e30.bnVsbA.x'])('that is none is refused: %j', async (token) => {
    expect(await judge(token)).toMatch(/^401 invalid_token/);
    expect(issuer.asked).toEqual([]);
  });

  it('without a scope, or with one that is no text, holds nothing', async () => {
    for (const scope of [undefined, '', ' ', ['book:1:read'], 7]) {
      expect((await guardOf().verify(await issuer.sign(rsa, { scope }))).scope).toEqual([]);
    }
  });

  it('of any of several issuers is verified with the keys of its own', async () => {
    const other = new FakeIssuer();
    other.metadata = { issuer: 'https://other.example', jwks_uri: 'https://other.example/keys' };
    const key = await makeKey('ES256', rsa.kid);
    other.published.push(key.jwk);
    const fetch: typeof globalThis.fetch = (input, init) =>
      (new URL(String(input)).host === 'other.example' ? other : issuer).fetch(input, init);
    const options = { issuer: [ISSUER, 'https://other.example'], fetch };
    expect(await judge(await issuer.sign(rsa), options)).toBe('reader');
    expect(await judge(await other.sign(key, { iss: 'https://other.example' }), options)).toBe('reader');
    expect(await judge(await other.sign(key), options)).toMatch(/^401 invalid_token/);
  });
});

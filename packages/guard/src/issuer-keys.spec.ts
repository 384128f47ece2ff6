import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AUDIENCE, FakeIssuer, ISSUER, makeKey } from '../test/fake-issuer.js';
import { createGuard, type GuardOptions, type Refusal } from './guard.js';

const METADATA = '/.well-known/oauth-authorization-server';
const rsa = await makeKey('RS256');
const unavailable = '503 temporarily_unavailable: access tokens cannot be verified at the moment';
let issuer: FakeIssuer;
let heard: Error[];

const guardOf = (options: Partial<GuardOptions> = {}) =>
  createGuard({
    issuer: ISSUER,
    audience: AUDIENCE,
    fetch: issuer.fetch,
    onUnavailable: (error) => heard.push(error),
    ...options,
  });

async function judge(guard: ReturnType<typeof createGuard>, token: string): Promise<string> {
  try {
    return (await guard.verify(token)).clientId;
  } catch (error) {
    const { status, code, description } = error as Refusal;
    return `${status} ${code}: ${description}`;
  }
}

const later = (seconds: number) => vi.setSystemTime(Date.now() + seconds * 1000);

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
  issuer = new FakeIssuer();
  issuer.published.push(rsa.jwk);
  heard = [];
});

afterEach(() => {
  vi.useRealTimers();
});

describe('The keys', () => {
  it('are read once for many tokens, however many come together', async () => {
    const guard = guardOf();
    const token = await issuer.sign(rsa);
    const all = await Promise.all(Array.from({ length: 20 }, () => judge(guard, token)));
    expect(new Set(all)).toEqual(new Set(['reader']));
    expect(issuer.asked).toEqual([METADATA, '/keys']);
  });

  it('are read where the options say, without metadata', async () => {
    const guard = guardOf({ jwksUri: 'https://inside.example/keys' });
    expect(await judge(guard, await issuer.sign(rsa))).toBe('reader');
    expect(issuer.asked).toEqual(['/keys']);
  });

  it('are read again for a key that is new, but not for every invented one', async () => {
    const guard = guardOf();
    await judge(guard, await issuer.sign(rsa));
    const next = await makeKey('ES256', 'next');
    issuer.published.push(next.jwk);
    later(2);
    expect(await judge(guard, await issuer.sign(next))).toBe('reader');
    const invented = { ...next, kid: 'invented' };
    for (let attempt = 0; attempt < 20; attempt++) {
      expect(await judge(guard, await issuer.sign(invented))).toMatch(/^401 invalid_token/);
    }
    expect(issuer.asked.filter((path) => path === '/keys')).toHaveLength(2);
  });

  it('are forgotten after five minutes: a key taken away opens nothing after that', async () => {
    const guard = guardOf();
    const token = await issuer.sign(rsa);
    expect(await judge(guard, token)).toBe('reader');
    issuer.published.length = 0;
    later(299);
    expect(await judge(guard, token)).toBe('reader');
    later(2);
    expect(await judge(guard, token)).toMatch(/^401 invalid_token/);
  });

  it('that cannot be read cause every token to be rejected, until they can be', async () => {
    const guard = guardOf();
    const token = await issuer.sign(rsa);
    issuer.isDown = true;
    expect(await judge(guard, token)).toBe(unavailable);
    issuer.isDown = false;
    issuer.status.set('/keys', 500);
    expect(await judge(guard, token)).toBe(unavailable);
    issuer.status.clear();
    expect(await judge(guard, token)).toBe('reader');
    issuer.isDown = true;
    later(200);
    expect(await judge(guard, token)).toBe('reader');
    later(200);
    expect(await judge(guard, token)).toBe(unavailable);
    expect(heard.map(({ message }) => message)).toEqual([
      `the metadata of ${ISSUER} cannot be read`,
      'the key set cannot be read',
      'the key set cannot be read',
    ]);
    expect(heard[0]?.cause).toBeInstanceOf(TypeError);
  });

  it('are not asked of a server that does not answer in time for longer than the options say', async () => {
    const silent: typeof globalThis.fetch = (_, init) =>
      new Promise((_resolve, reject) => {
        init?.signal?.addEventListener('abort', () => reject(init.signal?.reason));
      });
    const token = await issuer.sign(rsa);
    expect(await judge(guardOf({ fetch: silent, timeoutSeconds: 0.05 }), token)).toBe(unavailable);
    const jwksUri = 'https://login.example/keys';
    expect(await judge(guardOf({ fetch: silent, timeoutSeconds: 0.05, jwksUri }), token)).toBe(unavailable);
  });
});

describe('The metadata', () => {
  it('stands between the host and the path of an issuer (RFC 8414 3.1)', async () => {
    const iss = `${ISSUER}oidc`;
    issuer.metadata = { issuer: iss, jwks_uri: 'https://login.example/keys' };
    expect(await judge(guardOf({ issuer: iss }), await issuer.sign(rsa, { iss }))).toBe('reader');
    expect(issuer.asked[0]).toBe(`${METADATA}/oidc`);
  });

  it("may stand in OpenID Connect's place alone", async () => {
    const fetch: typeof globalThis.fetch = async (input, init) =>
      String(input).includes('oauth-authorization-server')
        ? new Response(null, { status: 404 })
        : issuer.fetch(input, init);
    expect(await judge(guardOf({ fetch }), await issuer.sign(rsa))).toBe('reader');
    expect(issuer.asked).toEqual(['/.well-known/openid-configuration', '/keys']);
  });

  it.each([
    ["another issuer's", { issuer: 'https://login.example', jwks_uri: 'https://login.example/keys' }],
    ['without keys', { issuer: ISSUER }],
    ['with keys in the clear', { issuer: ISSUER, jwks_uri: 'http://login.example/keys' }],
    ['not JSON', 'hello'],
    ['no object', null],
  ])('that is %s causes every token to be rejected', async (_, metadata) => {
    issuer.metadata = metadata;
    const guard = guardOf();
    const token = await issuer.sign(rsa);
    expect(await judge(guard, token)).toBe(unavailable);
    issuer.metadata = { issuer: ISSUER, jwks_uri: 'https://login.example/keys' };
    expect(await judge(guard, token)).toBe('reader');
  });
});

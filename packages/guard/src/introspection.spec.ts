import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AUDIENCE, claimsOf, FakeIssuer, ISSUER, now } from '../test/fake-issuer.js';
import { createGuard, type IntrospectionOptions, type Refusal } from './guard.js';

let issuer: FakeIssuer;

const active = (changes: object = {}) => ({ active: true, token_type: 'Bearer', ...claimsOf(), ...changes });

const guardOf = (options: Partial<IntrospectionOptions> = {}) =>
  createGuard({
    issuer: ISSUER,
    audience: AUDIENCE,
    fetch: issuer.fetch,
    introspection: { clientId: 'library:api', clientSecret: 's p%ä', ...options },
  });

async function judge(guard = guardOf(), token = 'opaque'): Promise<string> {
  try {
    return (await guard.verify(token)).clientId;
  } catch (error) {
    const { status, code, description } = error as Refusal;
    return `${status} ${code}: ${description}`;
  }
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
  issuer = new FakeIssuer();
  issuer.introspected = active();
});

afterEach(() => {
  vi.useRealTimers();
});

describe('An opaque token', () => {
  it('is asked about at the endpoint that the metadata names, with the credentials form-encoded', async () => {
    const auth = await guardOf().verify('lk_opaque~token');
    expect(auth).toMatchObject({ clientId: 'reader', scope: ['book:*:read'], tokenFormat: 'opaque' });
    const credentials = Buffer.from('library%3Aapi:s+p%25%C3%A4').toString('base64');
    expect(issuer.introspections).toEqual([
      { token: 'lk_opaque~token', authorization: `Basic ${credentials}` },
    ]);
  });

  it('is asked about where the options say, without metadata', async () => {
    expect(await judge(guardOf({ endpoint: 'https://inside.example/introspect' }))).toBe('reader');
    expect(issuer.asked).toEqual(['/introspect']);
  });

  it('is refused, and not asked about, where no introspection is set up', async () => {
    const guard = createGuard({ issuer: ISSUER, audience: AUDIENCE, fetch: issuer.fetch });
    expect(await judge(guard)).toBe('401 invalid_token: this API does not accept opaque access tokens');
    expect(issuer.asked).toEqual([]);
  });

  it.each([
    ['inactive', { active: false }],
    ['active in words only', active({ active: 'true' })],
    ['a refresh token', active({ token_type: undefined })],
    ['for another API', active({ aud: 'urn:other' })],
    ['for no API', active({ aud: undefined })],
    ['from another issuer', active({ iss: 'https://other.example/' })],
    ['expired', active({ exp: now() - 60 })],
    ['not begun', active({ nbf: now() + 60 })],
    ["nobody's", active({ client_id: undefined })],
  ])('that is %s is refused', async (_, introspected) => {
    issuer.introspected = introspected;
    expect(await judge()).toMatch(/^401 invalid_token/);
  });

  it('may be for several audiences', async () => {
    issuer.introspected = active({ aud: ['urn:other', AUDIENCE] });
    expect(await judge()).toBe('reader');
  });

  it.each([401, 403, 404, 429, 500, 302])(
    'rejects every token when the endpoint answers %i',
    async (status) => {
      issuer.status.set('/introspect', status);
      expect(await judge()).toMatch(/^503 temporarily_unavailable/);
    },
  );

  it('rejects every token when the endpoint is unknown, down or sends nonsense', async () => {
    issuer.introspected = 'no JSON';
    expect(await judge()).toMatch(/^503 temporarily_unavailable/);
    issuer.metadata = { issuer: ISSUER };
    expect(await judge()).toMatch(/^503 temporarily_unavailable/);
    issuer.isDown = true;
    expect(await judge()).toMatch(/^503 temporarily_unavailable/);
  });
});

describe('Introspection answers', () => {
  const times = () => issuer.introspections.length;
  const later = (seconds: number) => vi.setSystemTime(Date.now() + seconds * 1000);

  it('are asked for each time', async () => {
    const guard = guardOf();
    expect(await judge(guard)).toBe('reader');
    issuer.introspected = { active: false };
    expect(await judge(guard)).toMatch(/^401/);
  });

  it('are believed as long as the options say, each for its own token', async () => {
    const guard = guardOf({ cacheSeconds: 10 });
    await judge(guard);
    later(9);
    expect(await judge(guard)).toBe('reader');
    expect(times()).toBe(1);
    expect(await judge(guard, 'another')).toBe('reader');
    expect(times()).toBe(2);
    issuer.introspected = { active: false };
    later(2);
    expect(await judge(guard)).toMatch(/^401/);
    expect(times()).toBe(3);
  });

  it('are never believed beyond the end of the token', async () => {
    issuer.introspected = active({ exp: now() + 10 });
    const guard = guardOf({ cacheSeconds: 60 });
    expect(await judge(guard)).toBe('reader');
    later(16);
    expect(await judge(guard)).toBe('401 invalid_token: the access token has expired');
    expect(times()).toBe(1);
  });

  it('that refuse are not kept', async () => {
    const guard = guardOf({ cacheSeconds: 60 });
    issuer.introspected = { active: false };
    expect(await judge(guard)).toMatch(/^401/);
    issuer.introspected = active();
    expect(await judge(guard)).toBe('reader');
  });

  it('are kept for a thousand tokens, the latest asked about', async () => {
    const guard = guardOf({ cacheSeconds: 60 });
    for (let token = 0; token <= 1000; token++) await judge(guard, `token-${token}`);
    expect(times()).toBe(1001);
    await judge(guard, 'token-1');
    expect(times()).toBe(1001);
    await judge(guard, 'token-0');
    expect(times()).toBe(1002);
  });
});

import { beforeEach, describe, expect, it } from 'vitest';
import { AUDIENCE, FakeIssuer, ISSUER, makeKey } from '../test/fake-issuer.js';
import { createGuard, type GuardOptions, type HttpRequest } from './guard.js';
import { readRequirements } from './required-scope.js';

const key = await makeKey('ES256');
let issuer: FakeIssuer;

const guardOf = (options: Partial<GuardOptions> = {}) =>
  createGuard({ issuer: ISSUER, audience: AUDIENCE, fetch: issuer.fetch, ...options });

const carrying = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });

beforeEach(() => {
  issuer = new FakeIssuer();
  issuer.published.push(key.jwk);
});

describe('A request', () => {
  it('accepts a token that has every required item', async () => {
    const { auth, refused } = await guardOf().check(
      carrying(await issuer.sign(key, { scope: 'book:*:read page:1' })),
      ['book:1:read', 'page:1'],
    );
    expect(refused).toBeUndefined();
    expect(auth).toMatchObject({ clientId: 'reader', scope: ['book:*:read', 'page:1'] });
  });

  it('gets realm and scope, but no error, when it carries no token (RFC 6750 3.1)', async () => {
    expect(await guardOf().check({ headers: {} }, ['book:1:read'])).toEqual({
      refused: {
        status: 401,
        headers: {
          'www-authenticate': 'Bearer realm="urn:library", scope="book:1:read"',
          'cache-control': 'no-store',
        },
        body: { error: 'invalid_request', error_description: 'an access token is required' },
      },
    });
    expect(issuer.asked).toEqual([]);
  });

  it('with two tokens is a bad request', async () => {
    const { refused } = await guardOf({ realm: 'Library' }).check(
      { ...carrying('a'), url: '/?access_token=b' },
      [],
    );
    expect(refused).toEqual({
      status: 400,
      headers: {
        'www-authenticate':
          'Bearer realm="Library", error="invalid_request", ' +
          'error_description="the request carries more than one access token"',
        'cache-control': 'no-store',
      },
      body: { error: 'invalid_request', error_description: 'the request carries more than one access token' },
    });
  });

  it('with a token that is not valid learns so', async () => {
    const { refused } = await guardOf().check(carrying(await issuer.sign(key, { aud: 'urn:other' })));
    expect(refused?.status).toBe(401);
    expect(refused?.headers['www-authenticate']).toBe(
      'Bearer realm="urn:library", error="invalid_token", ' +
        'error_description="the access token was not issued for this API"',
    );
    expect(refused?.body.error).toBe('invalid_token');
  });

  it('learns the scope that it needs, all of it, and what is missing', async () => {
    const { refused } = await guardOf().check(carrying(await issuer.sign(key)), [
      'book:1:read',
      'book:1:write',
    ]);
    expect(refused).toEqual({
      status: 403,
      headers: {
        'www-authenticate':
          'Bearer realm="urn:library", error="insufficient_scope", ' +
          'error_description="the access token lacks the scope book:1:write", scope="book:1:read book:1:write"',
        'cache-control': 'no-store',
      },
      body: {
        error: 'insufficient_scope',
        error_description: 'the access token lacks the scope book:1:write',
      },
    });
  });

  it('learns where the metadata of the API is (RFC 9728 5.1)', async () => {
    const resourceMetadata = 'https://api.example/.well-known/oauth-protected-resource';
    const guard = guardOf({ resourceMetadata });
    const challengeOf = async (request: HttpRequest, items: string[]) =>
      (await guard.check(request, items)).refused?.headers['www-authenticate'];
    const named = `resource_metadata="${resourceMetadata}"`;
    expect(await challengeOf({ headers: {} }, [])).toBe(`Bearer realm="urn:library", ${named}`);
    const scope = 'scope="book:1:read book:1:write"';
    const items = ['book:1:read', 'book:1:write'];
    expect(await challengeOf({ headers: {} }, items)).toBe(`Bearer realm="urn:library", ${named}, ${scope}`);
    const invalid = await challengeOf(carrying(await issuer.sign(key, { aud: 'urn:other' })), items);
    expect(invalid).toContain('error="invalid_token"');
    expect(invalid).toMatch(new RegExp(`${named}, ${scope}$`));
    const insufficient = await challengeOf(carrying(await issuer.sign(key)), items);
    expect(insufficient).toContain('lacks the scope book:1:write"');
    expect(insufficient).toMatch(new RegExp(`${named}, ${scope}$`));
    expect(await challengeOf({ ...carrying('a'), url: '/?access_token=b' }, items)).not.toContain('scope=');
  });

  it('cannot write into the challenge with an item from its path', async () => {
    const { refused } = await guardOf().check(carrying(await issuer.sign(key)), [
      'book:"\\\r\nx: y é\u{1F600}:write',
    ]);
    expect(refused?.headers['www-authenticate']).toBe(
      'Bearer realm="urn:library", error="insufficient_scope", ' +
        'error_description="the access token lacks the scope book:????x: y ??:write", scope="book:????x: y ??:write"',
    );
  });

  it('responds 503 and calls onUnavailable with the cause while the server is unavailable', async () => {
    issuer.isDown = true;
    const heard: string[] = [];
    const guard = guardOf({ onUnavailable: ({ message }) => heard.push(message) });
    expect(await guard.check(carrying(await issuer.sign(key)))).toEqual({
      refused: {
        status: 503,
        headers: { 'retry-after': '1', 'cache-control': 'no-store' },
        body: {
          error: 'temporarily_unavailable',
          error_description: 'access tokens cannot be verified at the moment',
        },
      },
    });
    expect(heard).toEqual([`the metadata of ${ISSUER} cannot be read`]);
  });

  it('introspects JWTs as well when the options enable it', async () => {
    const introspection = { clientId: 'api', clientSecret: 'secret', jwts: true };
    const guard = guardOf({ introspection });
    const token = await issuer.sign(key);
    issuer.introspected = { active: false };
    expect((await guard.check(carrying(token))).refused?.status).toBe(401);
    issuer.introspected = {
      active: true,
      token_type: 'Bearer',
      client_id: 'reader',
      aud: AUDIENCE,
      scope: 'x',
    };
    expect((await guard.check(carrying(token))).auth).toMatchObject({ scope: ['x'], tokenFormat: 'jwt' });
    expect((await guard.check(carrying(await issuer.sign(key, { aud: 'urn:other' })))).refused?.status).toBe(
      401,
    );
    expect(issuer.introspections).toHaveLength(2);
  });
});

describe('Wrong options', () => {
  const given = { issuer: ISSUER, audience: AUDIENCE };
  const introspection = { clientId: 'api', clientSecret: 'secret' };

  it.each([
    [{ issuer: '' }, /^issuer/],
    [{ issuer: [] }, /^issuer/],
    [{ issuer: 'login.example' }, /^issuer must be an http or https URL/],
    [{ issuer: [ISSUER, 'ftp://login.example'] }, /^issuer/],
    [{ audience: undefined }, /^audience/],
    [{ audience: [AUDIENCE, ''] }, /^audience/],
    [{ jwksUri: '/keys' }, /^jwksUri/],
    [{ resourceMetadata: '/metadata' }, /^resourceMetadata/],
    [{ algorithms: [] }, /^algorithms/],
    [{ algorithms: ['HS256'] }, /^algorithms/],
    [{ clockToleranceSeconds: -1 }, /^clockToleranceSeconds/],
    [{ operations: 'read' }, /^operations/],
    [{ operations: null }, /^operations/],
    [{ operations: { book: 'read' } }, /^operations/],
    [{ operations: [{ name: 'read' }] }, /^operations/],
    [{ timeoutSeconds: Number.NaN }, /^timeoutSeconds/],
    [{ introspection: { ...introspection, clientSecret: '' } }, /^introspection\.clientSecret/],
    [{ introspection: { ...introspection, endpoint: 'x' } }, /^introspection\.endpoint/],
    [{ introspection: { ...introspection, cacheSeconds: 61 } }, /^introspection\.cacheSeconds/],
  ])('stop the start: %j', (changes, message) => {
    expect(() => createGuard({ ...given, ...changes } as unknown as GuardOptions)).toThrow(message);
  });
});

describe('requireScope', () => {
  it.each([[[]], [['']], [['book:1:read page:1:read']], [[undefined]], [['bücher']]])(
    'refuses %j when the route is made',
    (required) => {
      expect(() => readRequirements(required as string[])).toThrow(TypeError);
    },
  );

  it('takes items, and functions that name them from the request', () => {
    const itemsFor = readRequirements<{ id: string }>([
      'book:list',
      ({ id }) => `book:${id}:read`,
      ({ id }) => [`page:${id}:read`, `page:${id}:write`],
    ]);
    expect(itemsFor({ id: '7' })).toEqual(['book:list', 'book:7:read', 'page:7:read', 'page:7:write']);
  });

  it('rejects a function that returns no item', () => {
    expect(() => readRequirements([() => []])({})).toThrow(TypeError);
  });
});

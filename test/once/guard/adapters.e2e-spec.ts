import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGuard } from '../../../packages/guard/src/guard.js';
import { AUTH0, NATIVE } from '../../support/dialects.js';
import { bearer, get, raw } from '../../support/http.js';
import { LIBRARY, useLibrary } from '../../support/library.js';
import { aClient, type TestClient } from '../../support/registration.js';
import { expressApi, fastifyApi, type GuardedApi, nestApi } from './apis.js';

const library = useLibrary();
let reader: TestClient;

beforeAll(async () => {
  reader = await aClient(library.server)
    .withGrant('book:*:*', 'page:*:read')
    .withTokens({ token_format: 'jwt' })
    .register();
});

const challenge = (...attributes: string[]) => ['Bearer realm="urn:library"', ...attributes].join(', ');

describe.each([
  ['Express', expressApi],
  ['Fastify', fastifyApi],
  ['Nest', nestApi],
])('An API on %s', (_, start) => {
  let api: GuardedApi;

  beforeAll(async () => {
    api = await start(createGuard({ issuer: library.own, audience: LIBRARY }));
  });

  afterAll(() => api?.close());

  const ask = (path: string, token?: string, headers: Record<string, string> = {}) =>
    get(`http://127.0.0.1:${api.port}${path}`, { ...(token ? bearer(token) : {}), ...headers });

  const tokenFor = (scope: string) => reader.token(NATIVE, { audience: LIBRARY, scope });

  it('lets a wildcard do what it means, and gives the route the caller', async () => {
    const { status, body } = await ask('/books/1', await tokenFor('book:*'));
    expect(status).toBe(200);
    expect(body).toMatchObject({
      clientId: reader.id,
      scope: ['book:*'],
      tokenFormat: 'jwt',
      claims: { iss: library.own, aud: LIBRARY, client_id: reader.id },
    });
  });

  it('asks for the item that the path names', async () => {
    const token = await tokenFor('book:1:read');
    expect((await ask('/books/1', token)).status).toBe(200);
    expect((await ask('/books/2', token)).status).toBe(403);
    expect((await ask('/books/*', token)).status).toBe(403);
  });

  it('asks for every item of a list', async () => {
    expect((await ask('/both', await tokenFor('book:read page:read'))).status).toBe(200);
    const { status, headers, body } = await ask('/both', await tokenFor('book:read'));
    expect(status).toBe(403);
    const description = 'the access token lacks the scope page:1:read';
    expect(headers.get('www-authenticate')).toBe(
      challenge(
        'error="insufficient_scope"',
        `error_description="${description}"`,
        'scope="book:read page:1:read"',
      ),
    );
    expect(headers.get('content-type')).toMatch(/^application\/json/);
    expect(body).toEqual({ error: 'insufficient_scope', error_description: description });
  });

  it('is content with any valid token where nothing is asked, such as one of another dialect', async () => {
    const { status, body } = await ask('/token', await reader.token(AUTH0, { audience: LIBRARY }));
    expect(status).toBe(200);
    expect(body.claims.sub).toBe(`${reader.id}@clients`);
  });

  it('challenges who carries no token, without an error', async () => {
    for (const [path, ...scope] of [
      ['/token'],
      ['/books/1', 'scope="book:1:read"'],
      ['/token?access_token=abc'],
    ] as const) {
      const { status, headers, body } = await ask(path);
      expect(status).toBe(401);
      expect(headers.get('www-authenticate')).toBe(challenge(...scope));
      expect(body).toEqual({
        error: 'invalid_request',
        error_description: 'an access token is required',
      });
    }
    expect((await ask('/token', undefined, reader.basic)).headers.get('www-authenticate')).toBe(challenge());
  });

  it('refuses a token that is not valid', async () => {
    const { status, headers, body } = await ask('/token', 'a.b.c');
    expect(status).toBe(401);
    const description = 'the access token is not valid';
    expect(headers.get('www-authenticate')).toBe(
      challenge('error="invalid_token"', `error_description="${description}"`),
    );
    expect(headers.get('cache-control')).toBe('no-store');
    expect(body).toEqual({ error: 'invalid_token', error_description: description });
  });

  it('refuses two tokens, in the query or in a second header', async () => {
    const token = await tokenFor('book:*');
    const { status, headers } = await ask('/token?access_token=abc', token);
    expect(status).toBe(400);
    expect(headers.get('www-authenticate')).toMatch(/error="invalid_request"/);
    const header = `Authorization: Bearer ${token}\r\n`;
    const twice = `GET /token HTTP/1.1\r\nHost: localhost\r\n${header}${header}Connection: close\r\n\r\n`;
    expect(await raw(api.port, twice)).toMatch(/^HTTP\/1\.1 400 /);
  });
});

describe('An API whose server is down', () => {
  it.each([
    ['Express', expressApi],
    ['Fastify', fastifyApi],
    ['Nest', nestApi],
  ])('on %s rejects every token and says when to retry', async (_, start) => {
    const guard = createGuard({
      issuer: library.own,
      audience: LIBRARY,
      jwksUri: 'http://127.0.0.1:1/jwks.json',
    });
    const api = await start(guard);
    try {
      const token = await reader.token(AUTH0, { audience: LIBRARY });
      const { status, headers, body } = await get(`http://127.0.0.1:${api.port}/token`, bearer(token));
      expect(status).toBe(503);
      expect(headers.get('retry-after')).toBe('1');
      expect(body.error).toBe('temporarily_unavailable');
    } finally {
      await api.close();
    }
  });
});

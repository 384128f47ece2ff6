import { decodeJwt, decodeProtectedHeader } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { AUTH0, at, DIALECTS, NATIVE } from '../../../support/dialects.js';
import { get } from '../../../support/http.js';
import { useLibrary } from '../../../support/library.js';
import { aClient, aResource } from '../../../support/registration.js';

const library = useLibrary();
const DAY = 86_400;

beforeAll(async () => {
  const { server } = library;
  const shared = { audience: 'urn:short' };
  await aResource(server, 'minute', ['read'], { ...shared, token: { access_token_expiration: 60 } });
  await aResource(server, 'quarter', ['read'], { ...shared, token: { access_token_expiration: 900 } });
  await aResource(server, 'month', ['read'], {
    audience: 'urn:long',
    token: { access_token_expiration: 40 * DAY },
  });
  await aResource(server, 'classic', ['read'], {
    audience: 'urn:classic',
    token: { profile: 'classic', signing_alg: 'ES256' },
  });
  await aResource(server, 'modern', ['read'], {
    audience: 'urn:modern',
    token: { profile: 'rfc9068', signing_alg: 'PS256' },
  });
});

const one = (tokens: object = {}) =>
  aClient(library.server)
    .withTokens({ token_format: 'jwt', ...tokens })
    .withEverything()
    .register();

describe.each(DIALECTS)('The lifetime of a token of the $name dialect', (dialect) => {
  it.each<[string, object, string, number]>([
    ['one hour by default', {}, 'urn:library', 3600],
    ["the client's", { access_token_expiration: 600 }, 'urn:library', 600],
    ["the client's, also under its other name", { token_expiration: 600 }, 'urn:library', 600],
    ["the smaller of the client's and the resource's", { access_token_expiration: 600 }, 'urn:short', 60],
    ["the smaller, also when that is the client's", { access_token_expiration: 30 }, 'urn:short', 30],
    ['the smallest of several resources', {}, 'urn:short', 60],
    ['never more than 30 days', { access_token_expiration: 40 * DAY }, 'urn:long', 30 * DAY],
    ['never more than 30 days', {}, 'urn:long', 30 * DAY],
    ["the client's beside a longer one", { access_token_expiration: 2 * DAY }, 'urn:long', 2 * DAY],
  ])('is %s', async (_what, tokens, audience, expected) => {
    const client = await one(tokens);
    const { body } = await client.ask(dialect, { audience, scope: 'read' });
    const { iat, exp } = decodeJwt(body.access_token) as { iat: number; exp: number };
    expect({ reported: body.expires_in, kept: exp - iat }).toEqual({ reported: expected, kept: expected });
  });

  it('is that of the resources which the granted items name when no audience was asked', async () => {
    const client = await one({ access_token_expiration: 7200 });
    const scope = 'minute:1:read book:1:read';
    const { body } = await client.ask(
      dialect,
      at<Record<string, string>>(dialect, {
        native: { scope },
        auth0: { scope: 'read', audience: 'urn:short' },
        authing: { scope },
      }),
    );
    expect(body.expires_in).toBe(60);
  });

  it.each([
    ['the default of another audience', ['urn:library', 'urn:long'], 3600],
    ['the lifetime of another audience', ['urn:short', 'urn:long'], 60],
  ])(
    'is not made longer than %s by one of several audiences (fault A1)',
    async (_what, resource, expected) => {
      const { body } = await (await one()).ask(dialect, { resource, scope: 'read' });
      expect(body.expires_in).toBe(expected);
    },
  );

  it('ends the token with it', async () => {
    const brief = await aClient(library.server)
      .withTokens({ token_format: 'opaque', access_token_expiration: 1 })
      .withEverything()
      .register();
    const { body } = await brief.ask(dialect, { audience: library.own, scope: 'diary:read' });
    expect(body.expires_in).toBe(1);
    const session = () =>
      get(`${library.server.url}/Session`, { authorization: `Bearer ${body.access_token}` });
    await new Promise((resolve) => setTimeout(resolve, 1200));
    expect((await session()).status).toBe(401);
  });
});

describe.each(DIALECTS)('The profile of a token of the $name dialect', (dialect) => {
  const ofDialect = at(dialect, { native: 'at+jwt', auth0: 'JWT', authing: 'JWT' });

  it.each<[string, object, string | string[], string]>([
    ['that of the dialect', {}, 'urn:library', ofDialect],
    ["the client's", { profile: 'classic' }, 'urn:library', 'JWT'],
    ["the client's", { profile: 'rfc9068' }, 'urn:library', 'at+jwt'],
    ["the resource's", { profile: 'rfc9068' }, 'urn:classic', 'JWT'],
    ["the resource's", { profile: 'classic' }, 'urn:modern', 'at+jwt'],
    ['classic when several resources disagree', {}, ['urn:modern', 'urn:classic'], 'JWT'],
  ])('is %s: %j at %s', async (_what, tokens, resource, expected) => {
    const client = await one(tokens);
    const token = await client.token(dialect, { resource, scope: 'read' });
    expect(decodeProtectedHeader(token).typ).toBe(expected);
  });
});

describe.each(DIALECTS)('The algorithm of a token of the $name dialect', (dialect) => {
  it.each<[string, object, string | string[], string]>([
    ['RS256 by default', {}, 'urn:library', 'RS256'],
    ["the client's", { signing_alg: 'EdDSA' }, 'urn:library', 'EdDSA'],
    ["the resource's", { signing_alg: 'EdDSA' }, 'urn:classic', 'ES256'],
    ["the first audience's of several", {}, ['urn:modern', 'urn:classic'], 'PS256'],
    ["the first audience's of several", {}, ['urn:classic', 'urn:modern'], 'ES256'],
    ['the first that says one', {}, ['urn:library', 'urn:modern'], 'PS256'],
  ])('is %s: %j at %s', async (_what, tokens, resource, expected) => {
    const client = await one(tokens);
    const token = await client.token(dialect, { resource, scope: 'read' });
    expect(decodeProtectedHeader(token).alg).toBe(expected);
  });
});

describe('Settings of one client', () => {
  it('do not affect other clients', async () => {
    const [plain, special] = [await one(), await one({ signing_alg: 'ES256', access_token_expiration: 61 })];
    const asked = { audience: 'urn:library', scope: 'read' };
    for (const dialect of [NATIVE, AUTH0]) {
      await special.token(dialect, asked);
      const { body } = await plain.ask(dialect, asked);
      expect(body.expires_in).toBe(3600);
      expect(decodeProtectedHeader(body.access_token).alg).toBe('RS256');
    }
  });
});

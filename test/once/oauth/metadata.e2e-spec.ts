import { beforeAll, describe, expect, it } from 'vitest';
import { createGuard } from '../../../packages/guard/src/guard.js';
import { AUTHING, NATIVE } from '../../support/dialects.js';
import { get, raw, request } from '../../support/http.js';
import { LIBRARY, READ_BOOK_1, useLibrary } from '../../support/library.js';
import { aClient } from '../../support/registration.js';

const library = useLibrary();

beforeAll(async () => {
  const client = await aClient(library.server)
    .withTokens({ token_format: 'jwt' })
    .withGrant('book:1:read')
    .register();
  await client.token(NATIVE, READ_BOOK_1);
});

const METHODS = ['client_secret_basic', 'client_secret_post', 'private_key_jwt'];
const ALGS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];

const ISSUERS = [
  {
    name: 'root',
    dialect: NATIVE,
    issuer: '/',
    authorization: '/auth/authorize',
    keys: '/.well-known/jwks.json',
    grants: ['client_credentials', 'refresh_token'],
    authorizationServer: ['/.well-known/oauth-authorization-server'],
    openId: ['/.well-known/openid-configuration'],
  },
  {
    name: 'oidc',
    dialect: AUTHING,
    issuer: '/oidc',
    authorization: '/oidc/auth',
    keys: '/oidc/.well-known/jwks.json',
    grants: ['client_credentials'],
    authorizationServer: [
      '/oidc/.well-known/oauth-authorization-server',
      '/.well-known/oauth-authorization-server/oidc',
    ],
    openId: ['/oidc/.well-known/openid-configuration', '/.well-known/openid-configuration/oidc'],
  },
];

describe.each(ISSUERS)(
  'The metadata of the $name issuer',
  ({ dialect, issuer, authorization, keys, grants, ...places }) => {
    const at = (path: string) => library.server.url + path;
    const published = (path: string) => library.server.publicUrl + path;
    const expected = () => ({
      issuer: published(issuer),
      authorization_endpoint: published(authorization),
      token_endpoint: published(dialect.token),
      jwks_uri: published(keys),
      response_types_supported: ['none'],
      grant_types_supported: grants,
      token_endpoint_auth_methods_supported: METHODS,
      token_endpoint_auth_signing_alg_values_supported: ALGS,
      introspection_signing_alg_values_supported: ['RS256', 'PS256', 'ES256', 'EdDSA'],
    });

    it('contains the members of the standard and no others (K01, K02, K03, K04, K07, J10, RFC 8414 2)', async () => {
      for (const path of places.authorizationServer) {
        const { status, body } = await get(at(path));
        expect(status).toBe(200);
        expect(body).toMatchObject(expected());
        expect(body).not.toHaveProperty('scopes_supported');
        expect(Object.keys(body).filter((name) => name.startsWith('introspection_encryption_'))).toEqual([]);
      }
    });

    it('adds the members of OpenID Connect Discovery 3 at the OpenID paths', async () => {
      for (const path of places.openId) {
        const { status, body } = await get(at(path));
        expect(status).toBe(200);
        expect(body).toMatchObject({
          ...expected(),
          subject_types_supported: ['public'],
          id_token_signing_alg_values_supported: ['RS256'],
        });
        expect(body).not.toHaveProperty('scopes_supported');
      }
    });

    it('is the same document at each path', async () => {
      for (const paths of [places.authorizationServer, places.openId]) {
        const texts = await Promise.all(paths.map(async (path) => (await get(at(path))).text));
        expect(new Set(texts).size).toBe(1);
      }
    });

    it('contains no empty list (K02, RFC 8414 3.2)', async () => {
      for (const path of [...places.authorizationServer, ...places.openId]) {
        const { body } = await get(at(path));
        for (const value of Object.values(body)) expect(value).not.toEqual([]);
      }
    });

    it('may be cached for five minutes, like the JWK Set (H04, RFC 8414 3.2)', async () => {
      for (const path of [...places.authorizationServer, ...places.openId, keys]) {
        const { headers } = await get(at(path));
        expect(headers.get('cache-control')).toBe('public, max-age=300');
        expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
        expect(headers.get('set-cookie')).toBeNull();
      }
    });

    it('follows from the settings, never from the Host header (H08, RFC 8414 3)', async () => {
      for (const path of [...places.authorizationServer, ...places.openId]) {
        const text = await raw(
          library.server.port,
          `GET ${path} HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: evil.example\r\nForwarded: host=evil.example\r\nConnection: close\r\n\r\n`,
        );
        expect(text).toContain('200 OK');
        expect(text).not.toContain('evil.example');
        expect(text).toContain(`"issuer":"${published(issuer)}"`);
      }
    });

    it('advertises grants that are served, and serves none that it does not advertise (K05, RFC 8414 2)', async () => {
      const client = await aClient(library.server)
        .withTokens({ refresh_token: true })
        .withEverything()
        .register();
      for (const grant_type of ['client_credentials', 'refresh_token', 'password', 'authorization_code']) {
        const { body } = await client.post(dialect, { grant_type, scope: 'book:1:read', refresh_token: 'x' });
        expect(body.error === 'unsupported_grant_type', grant_type).toBe(!grants.includes(grant_type));
      }
    });

    it('answers other methods with 405', async () => {
      for (const path of [...places.openId, keys]) {
        const answer = await request(at(path), { method: 'POST' });
        expect(answer.status).toBe(405);
        expect(answer.headers.get('allow')).toBe('GET, HEAD, OPTIONS');
      }
    });
  },
);

describe('The metadata of the root issuer with LATCHKEY_DISCOVERY_DIALECT=auth0', () => {
  const elsewhere = useLibrary({ env: { LATCHKEY_DISCOVERY_DIALECT: 'auth0' } });

  it.each([
    '/.well-known/oauth-authorization-server',
    '/.well-known/oauth-authorization-server/',
    '/.well-known/openid-configuration',
  ])('names the endpoints of the auth0 dialect at %s', async (path) => {
    const { server } = elsewhere;
    expect((await get(server.url + path)).body).toMatchObject({
      issuer: `${server.publicUrl}/`,
      authorization_endpoint: `${server.publicUrl}/authorize`,
      token_endpoint: `${server.publicUrl}/oauth/token`,
      introspection_endpoint: `${server.publicUrl}/oauth/introspect`,
      revocation_endpoint: `${server.publicUrl}/oauth/revoke`,
      jwks_uri: `${server.publicUrl}/.well-known/jwks.json`,
      grant_types_supported: ['client_credentials'],
    });
  });

  it('leads a client that discovers the server to JWTs', async () => {
    const { server } = elsewhere;
    const client = await aClient(server).withGrant('book:1:read').register();
    const { body } = await get(`${server.url}/.well-known/openid-configuration`);
    const token = new URL(body.token_endpoint).pathname;
    expect(await client.token({ name: 'auth0', token }, READ_BOOK_1)).toMatch(/^eyJ/);
  });

  it('changes nothing for the other issuer', async () => {
    const { server } = elsewhere;
    const { body } = await get(`${server.url}/oidc/.well-known/openid-configuration`);
    expect(body.token_endpoint).toBe(`${server.publicUrl}/oidc/token`);
  });
});

describe('A place of metadata', () => {
  it.each([
    '/.well-known/oauth-authorization-server/other',
    '/.well-known/openid-configuration/oidc/x',
    '/.well-known/openid-configuration/OIDC',
    '/auth/.well-known/openid-configuration',
    '/.well-known/smart-configuration',
  ])('answers 404 at %s', async (path) => {
    const { status, body } = await get(library.server.url + path);
    expect(status).toBe(404);
    expect(body).toEqual({ error: 'invalid_request', error_description: 'no resource exists at this path' });
  });
});

describe('The metadata of an issuer with a path', () => {
  const issuer = 'https://issuer.example/tenant';
  const elsewhere = useLibrary({ env: { LATCHKEY_ISSUER: issuer } });

  it.each(['oauth-authorization-server', 'openid-configuration'])(
    'is found with the path behind the place of %s (K01, RFC 8414 3.1)',
    async (name) => {
      const { server } = elsewhere;
      const inserted = await get(`${server.url}/.well-known/${name}/tenant`);
      expect(inserted.status).toBe(200);
      expect(inserted.body.issuer).toBe(issuer);
      expect(inserted.body.token_endpoint).toBe(`${server.publicUrl}/auth/token`);
      expect((await get(`${server.url}/.well-known/${name}`)).text).toBe(inserted.text);
      expect((await get(`${server.url}/.well-known/${name}/oidc`)).body.issuer).toBe(
        `${server.publicUrl}/oidc`,
      );
    },
  );
});

describe.each([
  ['/tenant', '/tenant'],
  ['/tenant/', '/tenant'],
  ['/a/b/', '/a/b'],
  ['/caf%C3%A9/', '/caf%C3%A9'],
])('The metadata of an issuer whose path is %s', (path, plain) => {
  const issuer = `http://issuer.localhost${path}`;
  const elsewhere = useLibrary({ env: { LATCHKEY_ISSUER: issuer } });

  it('is served at every well-known path, with and without a trailing slash (fault C8, RFC 8414 3.1)', async () => {
    const { server } = elsewhere;
    const places = ['oauth-authorization-server', 'openid-configuration'].flatMap((name) => [
      `/.well-known/${name}${plain}`,
      `/.well-known/${name}${plain}/`,
      `${plain}/.well-known/${name}`,
      `${plain}//.well-known/${name}`,
      `/.well-known/${name}/`,
    ]);
    for (const place of places) {
      const { status, body } = await get(server.url + place);
      expect([place, status, body.issuer]).toEqual([place, 200, issuer]);
    }
    const keys = await get(`${server.url}${plain}/.well-known/jwks.json`);
    expect([keys.status, Array.isArray(keys.body.keys)]).toEqual([200, true]);
    expect((await get(`${server.url}/.well-known/openid-configuration/oidc/`)).body.issuer).toBe(
      `${server.publicUrl}/oidc`,
    );
    expect((await get(`${server.url}/other/.well-known/openid-configuration`)).status).toBe(404);
    expect((await get(`${server.url}/other/.well-known/jwks.json`)).status).toBe(404);
  });

  it('lets the guard verify tokens (fault C8)', async () => {
    const { server } = elsewhere;
    const client = await aClient(server)
      .withTokens({ token_format: 'jwt' })
      .withGrant('book:1:read')
      .register();
    const guard = createGuard({
      issuer,
      audience: LIBRARY,
      fetch: (input, init) => fetch(String(input).replace('http://issuer.localhost', server.url), init),
    });
    const auth = await guard.verify(await client.token(NATIVE, READ_BOOK_1));
    expect(auth.scope).toEqual(['book:1:read']);
  });
});

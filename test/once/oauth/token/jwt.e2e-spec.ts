import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { admin } from '../../../support/admin.js';
import { AUTH0, AUTHING, at, DIALECTS, type Dialect, NATIVE } from '../../../support/dialects.js';
import { get } from '../../../support/http.js';
import { LIBRARY, READ_BOOK_1, useLibrary } from '../../../support/library.js';
import { aClient, type TestClient } from '../../../support/registration.js';

const library = useLibrary();
let client: TestClient;

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

beforeAll(async () => {
  client = await aClient(library.server)
    .withTokens({ token_format: 'jwt', access_token_expiration: 600 })
    .withGrant('book:1:read', 'diary:*:read')
    .register();
});

const keysUrl = (dialect: Dialect) =>
  new URL(
    at(dialect, {
      native: '/.well-known/jwks.json',
      auth0: '/.well-known/jwks.json',
      authing: '/oidc/.well-known/jwks.json',
    }),
    library.server.url,
  );

const issuerOf = (dialect: Dialect) => {
  const { publicUrl } = library.server;
  return at(dialect, { native: `${publicUrl}/`, auth0: `${publicUrl}/`, authing: `${publicUrl}/oidc` });
};

describe.each(DIALECTS)('A JWT access token of the $name dialect', (dialect) => {
  it('has typ, alg and kid in its header (J01, J02, J11, RFC 9068 2.1)', async () => {
    const header = decodeProtectedHeader(await client.token(dialect, READ_BOOK_1));
    const { keys } = (await get(keysUrl(dialect).href)).body;
    expect(header).toEqual({
      alg: 'RS256',
      typ: at(dialect, { native: 'at+jwt', auth0: 'JWT', authing: 'JWT' }),
      kid: keys[0].kid,
    });
  });

  it('contains exactly the documented claims (J04, J05, J07, J08, J18, S07, RFC 9068 2.2)', async () => {
    const before = Math.floor(Date.now() / 1000);
    const { body } = await client.ask(dialect, READ_BOOK_1);
    const after = Math.floor(Date.now() / 1000);
    const claims = decodeJwt(body.access_token);
    expect(claims).toEqual({
      iss: issuerOf(dialect),
      sub: at(dialect, { native: client.id, auth0: `${client.id}@clients`, authing: client.id }),
      aud: LIBRARY,
      client_id: client.id,
      scope: 'book:1:read',
      iat: expect.any(Number),
      exp: expect.any(Number),
      jti: expect.stringMatching(UUID_V7),
      ...at<object>(dialect, {
        native: {},
        auth0: { azp: client.id, gty: 'client-credentials' },
        authing: { azp: client.id },
      }),
    });
    expect(claims.scope).toBe(body.scope);
    const { iat, exp } = claims as { iat: number; exp: number };
    expect(iat).toBeGreaterThanOrEqual(before);
    expect(iat).toBeLessThanOrEqual(after);
    expect(exp - iat).toBe(600);
    expect(body.expires_in).toBe(600);
  });

  it('derives sub from the client id, which the client cannot choose (J05, RFC 9700 4.15)', async () => {
    const asked = { ...READ_BOOK_1, sub: 'root', subject: 'root', azp: 'root', iss: 'https://evil.example' };
    const claims = decodeJwt(await client.token(dialect, asked));
    expect(claims.sub).toBe(
      at(dialect, { native: client.id, auth0: `${client.id}@clients`, authing: client.id }),
    );
    expect(claims.iss).toBe(issuerOf(dialect));
  });

  it('verifies with the keys and the issuer that the metadata names (J02, J10, J11, RFC 8414 2)', async () => {
    const keys = createRemoteJWKSet(keysUrl(dialect));
    const token = await client.token(dialect, READ_BOOK_1);
    const { payload } = await jwtVerify(token, keys, { issuer: issuerOf(dialect), audience: LIBRARY });
    expect(payload.client_id).toBe(client.id);
    const tampered = token.replace(
      /\.[^.]+\./,
      `.${Buffer.from(JSON.stringify({ ...payload, scope: '*' })).toString('base64url')}.`,
    );
    await expect(jwtVerify(tampered, keys)).rejects.toThrow('signature verification failed');
  });

  it('uses the issuer of the settings, never from the request (H08, RFC 8414 3)', async () => {
    const evil = { host: 'evil.example', 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' };
    const { body } = await client.ask(dialect, READ_BOOK_1, evil);
    expect(decodeJwt(body.access_token).iss).toBe(issuerOf(dialect));
  });

  it('has a jti of its own, which is the id of its session (J09, RFC 7519 4.1.7)', async () => {
    const many = await aClient(library.server)
      .withTokens({ token_format: 'jwt', signing_alg: 'EdDSA' })
      .withGrant('book:1:read')
      .register();
    const tokens = await Promise.all(Array.from({ length: 300 }, () => many.token(dialect, READ_BOOK_1)));
    const ids = tokens.map((token) => decodeJwt(token).jti as string);
    expect(new Set(ids).size).toBe(300);
    const { status, body } = await admin(library.server).get(`/Session/${ids[0]}`);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      resourceType: 'Session',
      id: ids[0],
      client: { resourceType: 'Client', id: many.id },
      type: 'client_credentials',
      active: true,
      scope: ['book:1:read'],
      audience: [LIBRARY],
      token_format: 'jwt',
    });
    expect((Date.parse(body.end) - Date.parse(body.start)) / 1000).toBeCloseTo(3600, -1);
    expect(Date.parse(body.end) / 1000).toBe(decodeJwt(tokens[0] as string).exp);
  });

  it('carries an empty scope where a session has one, and no scope where it has none', async () => {
    const own = await client.ask(dialect, {
      audience: library.own,
      scope: at(dialect, { native: '', auth0: '', authing: 'x' }),
    });
    const { scope } = decodeJwt(own.body.access_token);
    expect(scope).toBe(at(dialect, { native: undefined, auth0: undefined, authing: '' }));
    expect(own.body.scope).toBe(scope);
  });
});

describe('The format of a token', () => {
  it('is opaque in the native dialect and a JWT in the others unless the client sets another', async () => {
    const plain = await aClient(library.server).withGrant('book:1:read').register();
    expect(await plain.token(NATIVE, READ_BOOK_1)).toMatch(/^lka_/);
    expect(decodeJwt(await plain.token(AUTH0, READ_BOOK_1)).aud).toBe(LIBRARY);
    expect(decodeJwt(await plain.token(AUTHING, READ_BOOK_1)).aud).toBe(LIBRARY);
    for (const dialect of DIALECTS) {
      const opaque = await aClient(library.server)
        .withTokens({ token_format: 'opaque' })
        .withGrant('book:1:read')
        .register();
      expect(await opaque.token(dialect, READ_BOOK_1)).toMatch(/^lka_/);
      expect(decodeJwt(await client.token(dialect, READ_BOOK_1)).client_id).toBe(client.id);
    }
  });
});

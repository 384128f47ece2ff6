import { createHash, X509Certificate } from 'node:crypto';
import { createRemoteJWKSet, decodeProtectedHeader, exportJWK, importX509, type JWK, jwtVerify } from 'jose';
import * as oauth from 'oauth4webapi';
import { beforeAll, describe, expect, it } from 'vitest';
import { AUTHING, at, DIALECTS, type Dialect, NATIVE } from '../../support/dialects.js';
import { get } from '../../support/http.js';
import { LIBRARY, READ_BOOK_1, useLibrary } from '../../support/library.js';
import { aClient, type TestClient } from '../../support/registration.js';

const library = useLibrary();
const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA'];
/** The one relaxation: the server under test has no TLS. */
const overHttp = { [oauth.allowInsecureRequests]: true };

const one = (tokens: object, secret?: string) =>
  aClient(library.server)
    .with(secret === undefined ? {} : { secret })
    .withTokens({ token_format: 'jwt', ...tokens })
    .withGrant('book:*:read')
    .register();

const issuerOf = (dialect: Dialect) => {
  const { publicUrl } = library.server;
  return at(dialect, { native: `${publicUrl}/`, auth0: `${publicUrl}/`, authing: `${publicUrl}/oidc` });
};

async function discover(dialect: Dialect, algorithm: 'oauth2' | 'oidc'): Promise<oauth.AuthorizationServer> {
  const issuer = new URL(issuerOf(dialect));
  return oauth.processDiscoveryResponse(
    issuer,
    await oauth.discoveryRequest(issuer, { algorithm, ...overHttp }),
  );
}

describe.each([NATIVE, AUTHING])('oauth4webapi at the issuer of the $name dialect', (dialect) => {
  it.each(['oauth2', 'oidc'] as const)(
    'discovers the issuer (%s), gets a token and validates it (K04, K07, RFC 8414 3)',
    async (algorithm) => {
      const server = await discover(dialect, algorithm);
      expect(server.token_endpoint).toBe(library.server.publicUrl + dialect.token);
      const asker = await one({ profile: 'rfc9068' }, 'p%:+ é&/=!"x');
      for (const authentication of [
        oauth.ClientSecretBasic(asker.secret),
        oauth.ClientSecretPost(asker.secret),
      ]) {
        const client = { client_id: asker.id };
        const response = await oauth.clientCredentialsGrantRequest(
          server,
          client,
          authentication,
          READ_BOOK_1,
          overHttp,
        );
        const result = await oauth.processClientCredentialsResponse(server, client, response);
        expect(result).toMatchObject({ token_type: 'bearer', expires_in: 3600, scope: 'book:1:read' });
        const request = new Request('https://api.example/', {
          headers: { authorization: `Bearer ${result.access_token}` },
        });
        const claims = await oauth.validateJwtAccessToken(server, request, LIBRARY, overHttp);
        expect(claims).toMatchObject({ client_id: asker.id, sub: asker.id, scope: 'book:1:read' });
      }
    },
  );

  it('reads our errors as errors of RFC 6749 5.2', async () => {
    const server = await discover(dialect, 'oauth2');
    const asker = await one({});
    const ask = async (client_id: string, secret: string, parameters: Record<string, string>) => {
      const authentication = oauth.ClientSecretBasic(secret);
      const response = await oauth.clientCredentialsGrantRequest(
        server,
        { client_id },
        authentication,
        parameters,
        overHttp,
      );
      return oauth.processClientCredentialsResponse(server, { client_id }, response);
    };
    await expect(ask(asker.id, asker.secret, { scope: 'a"b' })).rejects.toMatchObject({
      error: 'invalid_scope',
      status: 400,
    });
    const refused = await ask(asker.id, 'wrong one', READ_BOOK_1).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(oauth.WWWAuthenticateChallengeError);
    expect((refused as oauth.WWWAuthenticateChallengeError).cause).toEqual([
      { scheme: 'basic', parameters: { realm: 'latchkey', charset: 'UTF-8' } },
    ]);
  });
});

describe('oauth4webapi', () => {
  it('refreshes a token of the native dialect (RFC 6749 6)', async () => {
    const server = await discover(NATIVE, 'oauth2');
    const asker = await one({ refresh_token: true });
    const client = { client_id: asker.id };
    const authentication = oauth.ClientSecretBasic(asker.secret);
    const first = await oauth.processClientCredentialsResponse(
      server,
      client,
      await oauth.clientCredentialsGrantRequest(server, client, authentication, READ_BOOK_1, overHttp),
    );
    const again = () =>
      oauth.refreshTokenGrantRequest(server, client, authentication, first.refresh_token as string, overHttp);
    const second = await oauth.processRefreshTokenResponse(server, client, await again());
    expect(second.scope).toBe('book:1:read');
    await expect(oauth.processRefreshTokenResponse(server, client, await again())).rejects.toMatchObject({
      error: 'invalid_grant',
    });
  });
});

describe.each(DIALECTS)('jose in the $name dialect', (dialect) => {
  describe.each(ALGORITHMS)('with %s', (signing_alg) => {
    let asker: TestClient;

    beforeAll(async () => {
      asker = await one({ signing_alg });
    });

    it.each([
      ['rfc9068', 'at+jwt'],
      ['classic', 'JWT'],
    ])('verifies a token of the profile %s (J03, RFC 9068 2.1)', async (profile, typ) => {
      const server = await discover(dialect, 'oauth2');
      const own = await one({ signing_alg, profile });
      const keys = createRemoteJWKSet(new URL(server.jwks_uri as string));
      const token = await own.token(dialect, READ_BOOK_1);
      const { payload, protectedHeader } = await jwtVerify(token, keys, {
        issuer: server.issuer,
        audience: LIBRARY,
        algorithms: [signing_alg],
        typ,
        requiredClaims: ['sub', 'client_id', 'iat', 'exp', 'jti', 'scope'],
        maxTokenAge: '1 minute',
      });
      expect(protectedHeader.alg).toBe(signing_alg);
      expect(payload.client_id).toBe(own.id);
    });

    it('finds the key in the certificate that x5c, x5t and x5t#S256 name (RFC 7517 4.7)', async () => {
      const server = await discover(dialect, 'oauth2');
      const token = await asker.token(dialect, READ_BOOK_1);
      const { kid } = decodeProtectedHeader(token);
      const { keys } = (await get(server.jwks_uri as string)).body as {
        keys: (JWK & Record<string, string>)[];
      };
      const key = keys.find((one) => one.kid === kid) as JWK;
      expect(key).toMatchObject({ alg: signing_alg, use: 'sig' });
      expect(key.x5c).toHaveLength(1);
      const der = Buffer.from(key.x5c?.[0] as string, 'base64');
      expect(key.x5t).toBe(createHash('sha1').update(der).digest('base64url'));
      expect(key['x5t#S256']).toBe(createHash('sha256').update(der).digest('base64url'));
      const certificate = new X509Certificate(der);
      expect(certificate.verify(certificate.publicKey)).toBe(true);
      expect(Date.parse(certificate.validTo)).toBeGreaterThan(Date.now() + 365 * 86_400_000);
      expect(Date.parse(certificate.validFrom)).toBeLessThanOrEqual(Date.now());
      const inside = await exportJWK(certificate.publicKey);
      expect(key).toMatchObject(inside);
      const fromPem = await importX509(certificate.toString(), signing_alg);
      expect((await jwtVerify(token, fromPem)).payload.client_id).toBe(asker.id);
    });
  });
});

import { createRequire } from 'node:module';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import * as openid from 'openid-client';
import { describe, expect, it } from 'vitest';
import { basic, form, get } from '../../support/http.js';
import { rememberSecretsIn } from '../../support/leaks.js';
import { LIBRARY, READ_BOOK_1, useLibrary } from '../../support/library.js';
import { aClient } from '../../support/registration.js';

const library = useLibrary();
const { ClientCredentials } = createRequire(import.meta.url)('simple-oauth2');

/** A client with every feature of the cycle, and a secret that only a form-encoded header carries. */
const asker = () =>
  aClient(library.server)
    .with({ secret: 'trombone %:+ &/=!"x' })
    .withTokens({ token_format: 'jwt', profile: 'rfc9068', refresh_token: true })
    .withGrant('book:*:read')
    .register();

const isActive = async (client: { id: string; secret: string }, token: string) =>
  (await form(`${library.server.url}/auth/introspect`, { token }, basic(client.id, client.secret))).body
    .active;

describe.each(['oidc', 'oauth2'] as const)('openid-client, which discovers by %s', (algorithm) => {
  it.each([
    ['ClientSecretBasic', openid.ClientSecretBasic],
    ['ClientSecretPost', openid.ClientSecretPost],
  ])('runs the whole cycle with %s', async (_name, authentication) => {
    const { id, secret } = await asker();
    const issuer = new URL(`${library.server.publicUrl}/`);
    const config = await openid.discovery(issuer, id, undefined, authentication(secret), {
      algorithm,
      execute: [openid.allowInsecureRequests],
    });
    expect(config.serverMetadata().supportsPKCE()).toBe(false);
    const first = await openid.clientCredentialsGrant(config, READ_BOOK_1);
    rememberSecretsIn(first);
    expect(first).toMatchObject({ token_type: 'bearer', expires_in: 3600, scope: 'book:1:read' });
    expect(first.expiresIn()).toBeGreaterThan(3590);
    const keys = createRemoteJWKSet(new URL(config.serverMetadata().jwks_uri as string));
    await jwtVerify(first.access_token, keys, { issuer: issuer.href, audience: LIBRARY, typ: 'at+jwt' });
    expect(await openid.tokenIntrospection(config, first.access_token)).toMatchObject({
      active: true,
      client_id: id,
      scope: 'book:1:read',
    });
    const second = await openid.refreshTokenGrant(config, first.refresh_token as string);
    rememberSecretsIn(second);
    expect(second.scope).toBe('book:1:read');
    await openid.tokenRevocation(config, second.access_token);
    expect(await openid.tokenIntrospection(config, second.access_token)).toEqual({ active: false });
    await openid.tokenRevocation(config, second.refresh_token as string, {
      token_type_hint: 'refresh_token',
    });
    await expect(openid.refreshTokenGrant(config, second.refresh_token as string)).rejects.toMatchObject({
      error: 'invalid_grant',
    });
  });
});

describe.each([
  ['header', 'form'],
  ['header', 'json'],
  ['body', 'form'],
  ['body', 'json'],
])('simple-oauth2 with credentials in the %s and a body of %s', (authorizationMethod, bodyFormat) => {
  const configured = ({ id, secret }: { id: string; secret: string }) =>
    new ClientCredentials({
      client: { id, secret },
      auth: {
        tokenHost: library.server.url,
        tokenPath: '/auth/token',
        refreshPath: '/auth/token',
        revokePath: '/auth/revoke',
      },
      options: { authorizationMethod, bodyFormat },
    });

  it('gets, refreshes and revokes tokens', async () => {
    const client = await asker();
    const first = await configured(client).getToken({
      audience: LIBRARY,
      scope: ['book:1:read', 'book:2:read'],
    });
    rememberSecretsIn(first.token);
    expect(first.token).toMatchObject({ token_type: 'Bearer', scope: 'book:1:read book:2:read' });
    expect(first.expired()).toBe(false);
    expect(await isActive(client, first.token.access_token)).toBe(true);
    const second = await first.refresh({ scope: ['book:2:read'] });
    rememberSecretsIn(second.token);
    expect(second.token.scope).toBe('book:2:read');
    await second.revoke('access_token');
    expect(await isActive(client, second.token.access_token)).toBe(false);
    await second.revoke('refresh_token');
    expect(await isActive(client, first.token.access_token)).toBe(false);
  });

  it('reads a refusal as an error of RFC 6749 5.2', async () => {
    const client = await asker();
    const refused = configured({ id: client.id, secret: 'not this one' }).getToken(READ_BOOK_1);
    await expect(refused).rejects.toMatchObject({
      output: { statusCode: 401 },
      data: { payload: { error: 'invalid_client' } },
    });
  });
});

describe('A client that joins the issuer and a well-known path', () => {
  it.each(['oauth-authorization-server', 'openid-configuration', 'jwks.json'])(
    'finds %s, although the issuer ends with a slash',
    async (name) => {
      const joined = await get(`${library.server.url}//.well-known/${name}`);
      expect(joined.status).toBe(200);
      expect(joined.text).toBe((await get(`${library.server.url}/.well-known/${name}`)).text);
    },
  );
});

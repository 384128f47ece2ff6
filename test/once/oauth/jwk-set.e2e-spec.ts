import { describe, expect, it } from 'vitest';
import { NATIVE } from '../../support/dialects.js';
import { get } from '../../support/http.js';
import { LIBRARY, READ_BOOK_1, useLibrary } from '../../support/library.js';
import { aClient } from '../../support/registration.js';

const library = useLibrary();

describe('The JWK Set', () => {
  it('contains only keys of algorithms in use', async () => {
    const client = await aClient(library.server)
      .withTokens({ token_format: 'jwt' })
      .withGrant('book:1:read')
      .register();
    await client.token(NATIVE, READ_BOOK_1);
    const { body } = await get(`${library.server.url}/.well-known/jwks.json`);
    expect(body.keys.map(({ alg }: { alg: string }) => alg)).toEqual(['RS256']);
  });

  it('contains public members only, each key once, the RS256 key first (K08, K09, K10, J03, J12, RFC 7517 4)', async () => {
    const { server } = library;
    for (const signing_alg of ['EdDSA', 'ES256', 'PS256']) {
      const client = await aClient(server)
        .withTokens({ token_format: 'jwt', signing_alg })
        .withEverything()
        .register();
      await client.token(NATIVE, { audience: LIBRARY });
    }
    const { body } = await get(`${server.url}/.well-known/jwks.json`);
    expect((await get(`${server.url}/oidc/.well-known/jwks.json`)).body).toEqual(body);
    expect(Object.keys(body)).toEqual(['keys']);
    const algorithms = body.keys.map(({ alg }: { alg: string }) => alg);
    expect(algorithms[0]).toBe('RS256');
    expect(algorithms.toSorted()).toEqual(['ES256', 'EdDSA', 'PS256', 'RS256']);
    expect(new Set(body.keys.map(({ kid }: { kid: string }) => kid)).size).toBe(4);
    for (const key of body.keys) {
      const shape = { RSA: ['e', 'kty', 'n'], EC: ['crv', 'kty', 'x', 'y'], OKP: ['crv', 'kty', 'x'] }[
        key.kty as string
      ];
      const rest = ['alg', 'kid', 'use', 'x5c', 'x5t', 'x5t#S256'];
      expect(Object.keys(key).sort()).toEqual([...(shape ?? []), ...rest].sort());
      expect(key.use).toBe('sig');
      if (key.kty === 'RSA') expect(Buffer.from(key.n, 'base64url').length * 8).toBeGreaterThanOrEqual(2048);
      if (key.kty === 'EC') expect(key.crv).toBe('P-256');
    }
    const { body: openId } = await get(`${server.url}/.well-known/openid-configuration`);
    expect(openId.id_token_signing_alg_values_supported).toEqual(algorithms);
  });
});

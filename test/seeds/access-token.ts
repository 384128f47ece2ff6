import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose';
import { get } from '../support/http.js';
import type { TestServer } from '../support/server.js';

/** Verifies a JWT against one of the server's JWK Sets, as an API would; answers its header and claims. */
export async function verifyAccessToken(
  server: TestServer,
  token: string,
  { jwks = '/.well-known/jwks.json', ...expected }: { issuer: string; audience: string; jwks?: string },
) {
  const { body } = await get(server.url + jwks);
  const { payload, protectedHeader } = await jwtVerify(token, createLocalJWKSet(body as JSONWebKeySet), {
    ...expected,
    requiredClaims: ['iat', 'exp', 'jti'],
  });
  return { claims: payload, header: protectedHeader };
}

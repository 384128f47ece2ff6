import type { FastifyReply } from 'fastify';
import { RESOURCE_METADATA_PATH } from '../../resources/protected-resources.js';
import { AUTHING_ENDPOINTS, NATIVE_ENDPOINTS } from '../oauth/dialect-endpoints.js';

export const ROOT = {
  authorizationServer: '/.well-known/oauth-authorization-server',
  openId: '/.well-known/openid-configuration',
};

export const OIDC = {
  authorizationServer: '/oidc/.well-known/oauth-authorization-server',
  openId: '/oidc/.well-known/openid-configuration',
};

export const JWKS = [NATIVE_ENDPOINTS.jwks, AUTHING_ENDPOINTS.jwks];

export const DECISION_POINT_METADATA = '/.well-known/authzen-configuration';

const NAMED = [...Object.values(ROOT), NATIVE_ENDPOINTS.jwks];

/** The paths of all public documents. */
export const PUBLIC_PATHS = [
  ...NAMED,
  ...[...NAMED, RESOURCE_METADATA_PATH].map((path) => `${path}/*`),
  DECISION_POINT_METADATA,
  ...Object.values(OIDC),
  AUTHING_ENDPOINTS.jwks,
];

/** Shorter than a new key is published before it signs, so that no cache misses one. */
const MAX_AGE_SECONDS = 300;

export const PUBLIC_CACHE = { 'cache-control': `public, max-age=${MAX_AGE_SECONDS}` };

/** The same for every reader, so pages of any origin may read it as well. */
export const ANY_ORIGIN = { 'access-control-allow-origin': '*' };

export function publish(reply: FastifyReply, document: object): void {
  reply
    .headers({
      'content-type': 'application/json; charset=utf-8',
      ...PUBLIC_CACHE,
      ...ANY_ORIGIN,
    })
    .send(JSON.stringify(document));
}

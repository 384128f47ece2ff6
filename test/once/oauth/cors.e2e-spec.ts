import { beforeAll, describe, expect, it } from 'vitest';
import { admin } from '../../support/admin.js';
import { get, request } from '../../support/http.js';
import { useLibrary } from '../../support/library.js';

const library = useLibrary();
const ORIGIN = { origin: 'https://app.example' };
const PREFLIGHT = {
  ...ORIGIN,
  'access-control-request-method': 'GET',
  'access-control-request-headers': 'mcp-protocol-version',
};

beforeAll(() => admin(library.server).put('/Resource/mcp', { uri: 'https://mcp.example/' }));

const corsOf = (headers: Headers) =>
  Object.fromEntries([...headers].filter(([name]) => name.startsWith('access-control-')));

describe.each([
  '/.well-known/oauth-authorization-server',
  '/.well-known/oauth-authorization-server/oidc',
  '/.well-known/openid-configuration',
  '/.well-known/openid-configuration/oidc',
  '/.well-known/jwks.json',
  '/.well-known/jwks.json/oidc',
  '/.well-known/oauth-protected-resource/Resource/mcp',
  '/oidc/.well-known/oauth-authorization-server',
  '/oidc/.well-known/openid-configuration',
  '/oidc/.well-known/jwks.json',
])('The public document %s', (path) => {
  it('can be read by pages of any origin, without their credentials', async () => {
    const { status, headers } = await get(library.server.url + path, ORIGIN);
    expect([status, corsOf(headers)]).toEqual([200, { 'access-control-allow-origin': '*' }]);
  });

  it('answers a preflight', async () => {
    const { status, headers, text } = await request(library.server.url + path, {
      method: 'OPTIONS',
      headers: PREFLIGHT,
    });
    expect([status, text]).toEqual([204, '']);
    expect(corsOf(headers)).toEqual({
      'access-control-allow-origin': '*',
      'access-control-allow-methods': 'GET, HEAD',
      'access-control-allow-headers': '*',
      'access-control-max-age': '7200',
    });
  });
});

describe.each([
  '/auth/token',
  '/oauth/token',
  '/oidc/token',
  '/auth/introspect',
  '/auth/revoke',
  '/auth/verify?scope=book:1:read',
  '/auth/authorize',
  '/authorize',
  '/oidc/auth',
  '/Client',
  '/Resource/mcp',
  '/Session',
  '/health/live',
  '/openapi.json',
  '/nowhere',
])('%s', (path) => {
  it('sends no CORS header, to a preflight either (RFC 9700 2.6)', async () => {
    for (const method of ['GET', 'POST', 'OPTIONS']) {
      const answer = await request(library.server.url + path, { method, headers: PREFLIGHT });
      expect(corsOf(answer.headers), method).toEqual({});
    }
  });
});

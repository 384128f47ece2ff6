import { ATLAS, LIBRARY, READ_BOOK_1 } from '../support/library.js';

/** A request that would be taken; its members are what gets changed. */
export interface Template {
  method: string;
  path: string;
  /** Who asks, by a name of `Callers`. */
  as: 'client' | 'root' | 'bearer' | 'nobody';
  query?: Record<string, string>;
  form?: Record<string, string>;
  document?: Record<string, unknown>;
}

const TOKENS = ['/auth/token', '/oauth/token', '/oidc/token'];
const QUESTIONS = [
  '/auth/introspect',
  '/oauth/introspect',
  '/oidc/token/introspection',
  '/auth/revoke',
  '/oauth/revoke',
  '/oidc/token/revocation',
];
const PLACES = [
  '/.well-known/openid-configuration',
  '/.well-known/jwks.json',
  '//.well-known/jwks.json',
  '/oidc/.well-known/openid-configuration',
  '/health/live',
  '/openapi.json',
];

const CLIENT = {
  name: 'Fuzz',
  active: true,
  grant_types: ['client_credentials'],
  auth: { client_credentials: { token_format: 'jwt', access_token_expiration: 600, audience: [LIBRARY] } },
};
const RESOURCE = {
  name: 'Fuzz',
  audience: 'urn:fuzz',
  operations: [{ name: 'read', description: 'reading' }, { name: 'write' }],
  introspection_clients: [{ resourceType: 'Client', id: 'fuzz-client' }],
  token: { access_token_expiration: 60, signing_alg: 'ES256', profile: 'rfc9068' },
};
const POLICY = {
  engine: 'rules',
  link: [{ resourceType: 'Client', id: 'fuzz-client' }],
  rules: [{ effect: 'allow', resource: 'book', identifier: '2019', operations: ['read'] }],
};

const writes = (type: string, document: Record<string, unknown>): Template[] => [
  { method: 'PUT', path: `/${type}/fuzz-1`, as: 'root', document },
  { method: 'PUT', path: `/${type}/fuzz-2`, as: 'root', document: { ...document, name: undefined } },
  { method: 'PATCH', path: `/${type}/fuzz-1`, as: 'root', document },
  { method: 'POST', path: `/${type}`, as: 'root', document: { ...document, id: 'fuzz-3' } },
  { method: 'DELETE', path: `/${type}/fuzz-3`, as: 'root' },
  { method: 'GET', path: `/${type}/fuzz-1`, as: 'root' },
  { method: 'GET', path: `/${type}`, as: 'root', query: { _count: '2', _sort: '-lastUpdated', _page: '1' } },
];

export const TEMPLATES: readonly Template[] = [
  ...TOKENS.flatMap((path): Template[] => [
    { method: 'POST', path, as: 'client', form: { grant_type: 'client_credentials', ...READ_BOOK_1 } },
    { method: 'POST', path, as: 'client', document: { grant_type: 'client_credentials', ...READ_BOOK_1 } },
    {
      method: 'POST',
      path,
      as: 'client',
      document: { grant_type: 'client_credentials', resource: [LIBRARY, ATLAS] },
    },
    { method: 'POST', path, as: 'client', form: { grant_type: 'refresh_token', refresh_token: 'lkr_x' } },
  ]),
  ...QUESTIONS.flatMap((path): Template[] => [
    { method: 'POST', path, as: 'client', form: { token: 'lka_x', token_type_hint: 'access_token' } },
    { method: 'POST', path, as: 'client', document: { token: 'a.b.c' } },
  ]),
  ...PLACES.map((path): Template => ({ method: 'GET', path, as: 'nobody' })),
  { method: 'GET', path: '/auth/verify', as: 'bearer', query: { scope: 'book:1:read' } },
  { method: 'POST', path: '/auth/verify/v1/things', as: 'bearer', query: { audience: LIBRARY } },
  ...writes('Client', CLIENT),
  ...writes('Resource', RESOURCE),
  ...writes('AccessPolicy', POLICY),
  {
    method: 'GET',
    path: '/Client',
    as: 'root',
    query: { name: 'Fuzz', active: 'true', grant_type: 'basic' },
  },
  { method: 'GET', path: '/AccessPolicy', as: 'root', query: { client: 'fuzz-client', engine: 'rules' } },
  {
    method: 'GET',
    path: '/Session',
    as: 'root',
    query: { start: 'ge2026-01-01', audience: LIBRARY, _count: '3' },
  },
  { method: 'GET', path: '/Session', as: 'bearer', query: { active: 'true', _elements: 'id' } },
  { method: 'GET', path: '/SigningKey', as: 'root', query: { _total: 'none' } },
  { method: 'PATCH', path: '/Session/fuzz', as: 'root', document: { active: false } },
  { method: 'DELETE', path: '/Session', as: 'root', query: { client: 'fuzz-1' } },
  { method: 'DELETE', path: '/Session/01a1fe9a-4a8a-75f0-9ebb-8dd10a3ced00', as: 'bearer' },
  {
    method: 'POST',
    path: '/AccessPolicy/$explain',
    as: 'root',
    document: { client: 'fuzz-client', scope: 'book:1:read *', audience: LIBRARY, policies: [POLICY] },
  },
  { method: 'POST', path: '/AccessPolicy/%24who-can', as: 'root', document: { scope: 'book:1:read' } },
  { method: 'POST', path: '/AccessPolicy/$difference', as: 'root', query: { days: '2' }, document: POLICY },
  { method: 'POST', path: '/Client/fuzz-1/$rotate-secret', as: 'root', document: { overlap: 60 } },
];

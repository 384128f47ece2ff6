import { AUTH0 } from '../../tokens/dialects/auth0.js';
import { AUTHING } from '../../tokens/dialects/authing.js';
import type { Dialect } from '../../tokens/dialects/dialect.js';
import { NATIVE } from '../../tokens/dialects/native.js';

/** A dialect and the paths of its endpoints. */
export interface DialectEndpoints {
  dialect: Dialect;
  authorization: string;
  token: string;
  introspection: string;
  revocation: string;
  jwks: string;
  /** Whether its token endpoint reads an Authorization value without a scheme as Basic: the early Aidbox page prints it so. */
  schemelessBasic: boolean;
}

export const NATIVE_ENDPOINTS: DialectEndpoints = {
  dialect: NATIVE,
  authorization: '/auth/authorize',
  token: '/auth/token',
  introspection: '/auth/introspect',
  revocation: '/auth/revoke',
  jwks: '/.well-known/jwks.json',
  schemelessBasic: true,
};

export const AUTH0_ENDPOINTS: DialectEndpoints = {
  dialect: AUTH0,
  authorization: '/authorize',
  token: '/oauth/token',
  introspection: '/oauth/introspect',
  revocation: '/oauth/revoke',
  jwks: '/.well-known/jwks.json',
  schemelessBasic: false,
};

export const AUTHING_ENDPOINTS: DialectEndpoints = {
  dialect: AUTHING,
  authorization: '/oidc/auth',
  token: '/oidc/token',
  introspection: '/oidc/token/introspection',
  revocation: '/oidc/token/revocation',
  jwks: '/oidc/.well-known/jwks.json',
  schemelessBasic: false,
};

const DIALECTS = [NATIVE_ENDPOINTS, AUTH0_ENDPOINTS, AUTHING_ENDPOINTS];

export const AUTHORIZATION_PATHS = DIALECTS.map(({ authorization }) => authorization);
export const TOKEN_PATHS = DIALECTS.map(({ token }) => token);
export const INTROSPECTION_PATHS = DIALECTS.map(({ introspection }) => introspection);
export const REVOCATION_PATHS = DIALECTS.map(({ revocation }) => revocation);

/** One endpoint, with the parameter that every request to it must have. */
export interface Endpoint {
  of: DialectEndpoints;
  requiredParameter: 'grant_type' | 'token';
  schemelessBasic: boolean;
}

const ENDPOINTS: ReadonlyMap<string, Endpoint> = new Map(
  DIALECTS.flatMap((of): [string, Endpoint][] => [
    [of.token, { of, requiredParameter: 'grant_type', schemelessBasic: of.schemelessBasic }],
    [of.introspection, { of, requiredParameter: 'token', schemelessBasic: false }],
    [of.revocation, { of, requiredParameter: 'token', schemelessBasic: false }],
  ]),
);

/** The endpoint that a matched route belongs to. */
export function endpointAt(path: string | undefined): Endpoint {
  const endpoint = ENDPOINTS.get(path ?? '');
  if (!endpoint) throw new Error(`no endpoint has the path ${path}`);
  return endpoint;
}

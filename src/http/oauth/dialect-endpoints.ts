import { AUTH0 } from '../../tokens/dialects/auth0.js';
import { AUTHING } from '../../tokens/dialects/authing.js';
import type { Dialect } from '../../tokens/dialects/dialect.js';
import { NATIVE } from '../../tokens/dialects/native.js';

/** A door: its paths, and the dialect that is spoken there. */
export interface Door {
  dialect: Dialect;
  token: string;
  introspection: string;
  revocation: string;
  jwks: string;
  /** Whether its token endpoint reads an Authorization value without a scheme as Basic: the early Aidbox page prints it so. */
  schemelessBasic: boolean;
}

export const NATIVE_DOOR: Door = {
  dialect: NATIVE,
  token: '/auth/token',
  introspection: '/auth/introspect',
  revocation: '/auth/revoke',
  jwks: '/.well-known/jwks.json',
  schemelessBasic: true,
};

export const AUTH0_DOOR: Door = {
  dialect: AUTH0,
  token: '/oauth/token',
  introspection: '/oauth/introspect',
  revocation: '/oauth/revoke',
  jwks: '/.well-known/jwks.json',
  schemelessBasic: false,
};

export const AUTHING_DOOR: Door = {
  dialect: AUTHING,
  token: '/oidc/token',
  introspection: '/oidc/token/introspection',
  revocation: '/oidc/token/revocation',
  jwks: '/oidc/.well-known/jwks.json',
  schemelessBasic: false,
};

const DOORS = [NATIVE_DOOR, AUTH0_DOOR, AUTHING_DOOR];

export const TOKEN_PATHS = DOORS.map(({ token }) => token);
export const INTROSPECTION_PATHS = DOORS.map(({ introspection }) => introspection);
export const REVOCATION_PATHS = DOORS.map(({ revocation }) => revocation);

/** One endpoint of a door, and the parameter that a request to it cannot do without. */
export interface Endpoint {
  door: Door;
  requiredParameter: 'grant_type' | 'token';
  schemelessBasic: boolean;
}

const ENDPOINTS: ReadonlyMap<string, Endpoint> = new Map(
  DOORS.flatMap((door): [string, Endpoint][] => [
    [door.token, { door, requiredParameter: 'grant_type', schemelessBasic: door.schemelessBasic }],
    [door.introspection, { door, requiredParameter: 'token', schemelessBasic: false }],
    [door.revocation, { door, requiredParameter: 'token', schemelessBasic: false }],
  ]),
);

/** The endpoint that a matched route belongs to. */
export function endpointAt(path: string | undefined): Endpoint {
  const endpoint = ENDPOINTS.get(path ?? '');
  if (!endpoint) throw new Error(`no door has the path ${path}`);
  return endpoint;
}

import { AUTH0 } from '../../tokens/dialects/auth0.js';
import { AUTHING } from '../../tokens/dialects/authing.js';
import type { Dialect } from '../../tokens/dialects/dialect.js';
import { NATIVE } from '../../tokens/dialects/native.js';

/** A door: its paths, and the dialect that is spoken there. */
export interface Door {
  dialect: Dialect;
  token: string;
  jwks: string;
  /** Whether an Authorization value without a scheme is read as Basic: the early Aidbox page prints it so. */
  schemelessBasic: boolean;
}

export const NATIVE_DOOR: Door = {
  dialect: NATIVE,
  token: '/auth/token',
  jwks: '/.well-known/jwks.json',
  schemelessBasic: true,
};

export const AUTH0_DOOR: Door = {
  dialect: AUTH0,
  token: '/oauth/token',
  jwks: '/.well-known/jwks.json',
  schemelessBasic: false,
};

export const AUTHING_DOOR: Door = {
  dialect: AUTHING,
  token: '/oidc/token',
  jwks: '/oidc/.well-known/jwks.json',
  schemelessBasic: false,
};

const DOORS = [NATIVE_DOOR, AUTH0_DOOR, AUTHING_DOOR];

export const TOKEN_PATHS = DOORS.map(({ token }) => token);

/** The door that a matched route belongs to. */
export function doorOf(path: string | undefined): Door {
  const door = DOORS.find(({ token }) => token === path);
  if (!door) throw new Error(`no door has the path ${path}`);
  return door;
}

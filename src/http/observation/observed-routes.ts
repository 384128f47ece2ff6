import { isAdministrators } from '../fallback.filter.js';
import {
  endpointAt,
  INTROSPECTION_PATHS,
  REVOCATION_PATHS,
  TOKEN_PATHS,
} from '../oauth/dialect-endpoints.js';
import { VERIFY_PATH } from '../oauth/verify.controller.js';

export const ROUTE_KINDS = [
  'token',
  'introspection',
  'verify',
  'revocation',
  'administration',
  'discovery',
  'health',
  'other',
] as const;

/** The kind of a route's endpoint. */
export type RouteKind = (typeof ROUTE_KINDS)[number];

/** The routes whose results are counted. */
export const OBSERVED_PATHS = [...TOKEN_PATHS, ...INTROSPECTION_PATHS, ...REVOCATION_PATHS, VERIFY_PATH];

/** The kind of a matched route; undefined is a path that is not served. */
export function kindOf(route: string | undefined): RouteKind {
  if (route === undefined) return 'other';
  if (TOKEN_PATHS.includes(route)) return 'token';
  if (INTROSPECTION_PATHS.includes(route)) return 'introspection';
  if (REVOCATION_PATHS.includes(route)) return 'revocation';
  if (route === VERIFY_PATH) return 'verify';
  if (route.startsWith('/health/')) return 'health';
  if (route.includes('/.well-known/') || route === '/openapi.json') return 'discovery';
  return isAdministrators(route) ? 'administration' : 'other';
}

/** The dialect of an OAuth endpoint; verification serves all of them. */
export const dialectOf = (route: string): string => endpointAt(route).of.dialect.name;

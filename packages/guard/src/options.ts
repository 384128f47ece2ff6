import { SIGNING_ALGS, type SigningAlg } from '../../protocol/src/signing-alg.js';
import type { Operations } from './scope-match.js';

export interface IntrospectionOptions {
  clientId: string;
  clientSecret: string;
  /** The introspection endpoint; by default the `introspection_endpoint` of the metadata. */
  endpoint?: string;
  /** How long an active response is cached, at most 60; until then a closed session goes unnoticed. 0 by default: no cache. */
  cacheSeconds?: number;
  /** Introspects JWTs too, so that closed sessions and changed policies take effect at once; false by default. */
  jwts?: boolean;
}

export interface GuardOptions {
  /** The accepted issuers, exactly as in `iss`; introspection uses the first one. */
  issuer: string | readonly string[];
  /** `aud` must contain one of these. */
  audience: string | readonly string[];
  /** The URL of the keys; by default the `jwks_uri` of each issuer's metadata. */
  jwksUri?: string;
  /** RS256, PS256, ES256 and EdDSA by default. */
  algorithms?: readonly SigningAlg[];
  /** Tolerated clock difference; 5 by default. */
  clockToleranceSeconds?: number;
  /** How long a key set is cached; 300 by default. */
  keyCacheSeconds?: number;
  /** Timeout of requests to the server; 5 by default. */
  timeoutSeconds?: number;
  /** Operations that tokens contain as bare names, such as Auth0's `geocode:location`; see the README. */
  operations?: Operations;
  /** Without it, opaque tokens are rejected. */
  introspection?: IntrospectionOptions;
  /** The `realm` of challenges; the first audience by default. */
  realm?: string;
  /** The URL of the API's metadata (RFC 9728), for challenges: Latchkey's for a resource with a `uri`, or the API's own. */
  resourceMetadata?: string;
  /** Used for every request to the server, for example with a proxy or a private certificate authority. */
  fetch?: typeof globalThis.fetch;
  /** Called with the cause of each 503 response. */
  onUnavailable?: (error: Error) => void;
}

/** The options with their defaults, checked. */
export interface Settings {
  issuers: readonly [string, ...string[]];
  audiences: readonly [string, ...string[]];
  jwksUri: URL | undefined;
  resourceMetadata: URL | undefined;
  algorithms: readonly SigningAlg[];
  clockToleranceSeconds: number;
  keyCacheSeconds: number;
  timeoutSeconds: number;
  fetch: typeof globalThis.fetch;
}

/** Throws on invalid options, so that the API does not start with a guard that must guess. */
export function settle(options: GuardOptions): Settings {
  const { algorithms = SIGNING_ALGS, jwksUri, resourceMetadata } = options;
  const unknown = algorithms.find((alg) => !SIGNING_ALGS.includes(alg));
  if (unknown !== undefined || algorithms.length === 0) {
    throw new TypeError(`algorithms must contain only ${SIGNING_ALGS.join(' ')}`);
  }
  const issuers = texts('issuer', options.issuer);
  for (const issuer of issuers) webAddress('issuer', issuer);
  return {
    issuers,
    audiences: texts('audience', options.audience),
    jwksUri: jwksUri === undefined ? undefined : webAddress('jwksUri', jwksUri),
    resourceMetadata:
      resourceMetadata === undefined ? undefined : webAddress('resourceMetadata', resourceMetadata),
    algorithms,
    clockToleranceSeconds: seconds('clockToleranceSeconds', options.clockToleranceSeconds ?? 5),
    keyCacheSeconds: seconds('keyCacheSeconds', options.keyCacheSeconds ?? 300),
    timeoutSeconds: seconds('timeoutSeconds', options.timeoutSeconds ?? 5),
    // Resolved at each call: an API may replace the global fetch after creating its guards.
    fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
  };
}

function texts(name: string, value: unknown): [string, ...string[]] {
  const list = [value].flat();
  const isText = (one: unknown): one is string => typeof one === 'string' && one !== '';
  const [first, ...others] = list.filter(isText);
  if (first === undefined || list.length !== others.length + 1) {
    throw new TypeError(`${name} must be a non-empty string or a list of non-empty strings`);
  }
  return [first, ...others];
}

export const text = (name: string, value: unknown): string => texts(name, value)[0];

export function seconds(name: string, value: number, most = Number.POSITIVE_INFINITY): number {
  if (!(value >= 0 && value <= most))
    throw new TypeError(`${name} must be a number of seconds from 0 to ${most}`);
  return value;
}

export function webAddress(name: string, value: string): URL {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) throw new TypeError(`${name} must be an http or https URL`);
  return url;
}

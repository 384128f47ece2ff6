import { SIGNING_ALGS, type SigningAlg } from '../../../src/protocol/signing-alg.js';
import type { Operations } from './scope-match.js';

export interface IntrospectionOptions {
  clientId: string;
  clientSecret: string;
  /** Where opaque tokens are asked about; else the metadata's `introspection_endpoint`. */
  endpoint?: string;
  /** How long an active answer is believed, at most 60: until then a closed session goes unnoticed. 0, never, by default. */
  cacheSeconds?: number;
  /** Asks about JWTs too, so that a closed session and a changed policy are seen at once; false by default. */
  jwts?: boolean;
}

export interface GuardOptions {
  /** Whose tokens are taken, exactly as `iss` says it; of several, introspection asks the first. */
  issuer: string | readonly string[];
  /** What `aud` must hold: one of these. */
  audience: string | readonly string[];
  /** Where the keys are; else the `jwks_uri` of each issuer's metadata. */
  jwksUri?: string;
  /** RS256 PS256 ES256 EdDSA by default. */
  algorithms?: readonly SigningAlg[];
  /** How far the clocks may be apart; 5 by default. */
  clockToleranceSeconds?: number;
  /** How long a key set is used before it is read again; 300 by default. */
  keyCacheSeconds?: number;
  /** How long the server may take to answer; 5 by default. */
  timeoutSeconds?: number;
  /** The API's operations that tokens name alone, such as Auth0's `geocode:location`; the README says when it matters. */
  operations?: Operations;
  /** Without it opaque tokens are refused. */
  introspection?: IntrospectionOptions;
  /** The `realm` of challenges; the first audience by default. */
  realm?: string;
  /** Makes every request to the server, for a proxy or a private certificate authority. */
  fetch?: typeof globalThis.fetch;
  /** Hears why a request was answered with 503. */
  onUnavailable?: (error: Error) => void;
}

/** The options with their defaults, checked. */
export interface Settings {
  issuers: readonly [string, ...string[]];
  audiences: readonly [string, ...string[]];
  jwksUri: URL | undefined;
  algorithms: readonly SigningAlg[];
  clockToleranceSeconds: number;
  keyCacheSeconds: number;
  timeoutSeconds: number;
  fetch: typeof globalThis.fetch;
}

/** Wrong options stop the API's start: a guard that guesses is no guard. */
export function settle(options: GuardOptions): Settings {
  const { algorithms = SIGNING_ALGS, jwksUri } = options;
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
    algorithms,
    clockToleranceSeconds: seconds('clockToleranceSeconds', options.clockToleranceSeconds ?? 5),
    keyCacheSeconds: seconds('keyCacheSeconds', options.keyCacheSeconds ?? 300),
    timeoutSeconds: seconds('timeoutSeconds', options.timeoutSeconds ?? 5),
    // Looked up at each call: an API may install its own global fetch after its guards are made.
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

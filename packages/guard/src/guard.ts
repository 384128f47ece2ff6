import type { Auth } from './auth.js';
import { bearerTokenOf, type HttpRequest } from './bearer-token.js';
import { Introspection } from './introspection.js';
import { IssuerMetadata } from './issuer-metadata.js';
import { JwtVerifier } from './jwt-verifier.js';
import { type GuardOptions, settle } from './options.js';
import { insufficientScope, invalidToken, Refusal, type RefusalAnswer, tokenRequired } from './refusal.js';
import { holdsByName, scopeMatch } from './scope-match.js';

export type { Auth } from './auth.js';
export type { HttpRequest } from './bearer-token.js';
export type { GuardOptions, IntrospectionOptions } from './options.js';
export { Refusal, type RefusalAnswer, type RefusalCode } from './refusal.js';
export type { Operations } from './scope-match.js';

/** The verified token of a request, or the response that rejects it. */
export type Outcome = { auth: Auth; refused?: undefined } | { refused: RefusalAnswer; auth?: undefined };

export interface Guard {
  /** Verifies a token; throws a {@link Refusal}. */
  verify(token: string): Promise<Auth>;
  /**
   * Whether a token has an item, by the rules of the server. For a plain list of items the audience is unknown, so bare
   * names do not count as operations.
   */
  holds(granted: Auth | readonly string[], item: string): boolean;
  /** Checks a request that requires all of these items; the adapters only call this. */
  check(request: HttpRequest, items?: readonly string[]): Promise<Outcome>;
}

/** Creates a guard; the server is not contacted before the first token. */
export function createGuard(options: GuardOptions): Guard {
  const settings = settle(options);
  const { realm = settings.audiences[0], onUnavailable } = options;
  const resourceMetadata = settings.resourceMetadata?.href;
  const issuers = settings.issuers.map((issuer) => new IssuerMetadata(issuer, settings));
  const jwts = new JwtVerifier(issuers, settings);
  const introspection =
    options.introspection && new Introspection(options.introspection, issuers[0] as IssuerMetadata, settings);
  const holds = heldBy(options, settings.audiences);

  const verifyOpaque = (token: string): Promise<Auth> => {
    if (!introspection) throw invalidToken('this API does not accept opaque access tokens');
    return introspection.verify(token, 'opaque');
  };

  const verify = async (token: string): Promise<Auth> => {
    try {
      if (!isJwt(token)) return await verifyOpaque(token);
      const auth = await jwts.verify(token);
      return options.introspection?.jwts && introspection ? await introspection.verify(token, 'jwt') : auth;
    } catch (error) {
      if (error instanceof Refusal && error.status === 503) onUnavailable?.(error);
      throw error;
    }
  };

  const admit = async (request: HttpRequest, items: readonly string[]): Promise<Auth> => {
    const token = bearerTokenOf(request);
    if (token === undefined) throw tokenRequired();
    const auth = await verify(token);
    const missing = items.filter((item) => !holds(auth, item));
    if (missing.length > 0) throw insufficientScope(missing);
    return auth;
  };

  return {
    verify,
    holds,
    async check(request, items = []) {
      try {
        return { auth: await admit(request, items) };
      } catch (error) {
        if (error instanceof Refusal) {
          return { refused: error.answer({ realm, resourceMetadata, scope: items.join(' ') }) };
        }
        throw error;
      }
    },
  };
}

/** Decides as the server does, as far as the operations are known. */
function heldBy(
  { operations }: GuardOptions,
  [audience, ...others]: readonly [string, ...string[]],
): Guard['holds'] {
  const matches = scopeMatch(operations);
  const readsBareNames = operations === undefined && others.length === 0;
  return (granted, item) => {
    if (!isAuth(granted)) return matches(granted, item);
    if (matches(granted.scope, item)) return true;
    return readsBareNames && isFor(granted, audience) && holdsByName(granted.scope, item);
  };
}

const isAuth = (granted: Auth | readonly string[]): granted is Auth => !Array.isArray(granted);

/** Whether a token is for this audience only: then a bare name in it is an operation of this audience. */
function isFor({ claims: { aud } }: Auth, audience: string): boolean {
  const all = [aud].flat();
  return all.length === 1 && all[0] === audience;
}

/** Opaque tokens of the server never contain a dot. */
const isJwt = (token: string): boolean => token.split('.').length === 3;

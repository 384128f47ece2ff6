import type { JWTPayload } from 'jose';
import type { TokenFormat } from '../../../src/protocol/grant-type.js';
import { invalidToken } from './refusal.js';

/** What a verified access token says; adapters leave it at `request.auth`. */
export interface Auth {
  clientId: string;
  /** The items of the token's scope, as they were granted; empty when it has none. */
  scope: readonly string[];
  /** The claims of a JWT, or the members of the introspection answer. */
  claims: JWTPayload;
  tokenFormat: TokenFormat;
}

export function authOf(claims: JWTPayload, tokenFormat: TokenFormat): Auth {
  const { client_id: clientId, scope } = claims;
  if (typeof clientId !== 'string' || clientId === '') throw invalidToken('the access token names no client');
  return { clientId, scope: itemsOf(scope), claims, tokenFormat };
}

/** A token without a scope leaves everything to the server's policies, which an API does not see: it holds nothing here. */
const itemsOf = (scope: unknown): string[] =>
  typeof scope === 'string' ? scope.split(' ').filter((item) => item !== '') : [];

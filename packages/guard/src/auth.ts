import type { JWTPayload } from 'jose';
import type { TokenFormat } from '../../protocol/src/token-format.js';
import { invalidToken } from './refusal.js';

/** The content of a verified access token; adapters set it as `request.auth`. */
export interface Auth {
  clientId: string;
  /** The granted items of the token's scope; empty if it has none. */
  scope: readonly string[];
  /** The claims of a JWT, or the members of the introspection response. */
  claims: JWTPayload;
  tokenFormat: TokenFormat;
}

export function authOf(claims: JWTPayload, tokenFormat: TokenFormat): Auth {
  const { client_id: clientId, scope } = claims;
  if (typeof clientId !== 'string' || clientId === '') throw invalidToken('the access token names no client');
  return { clientId, scope: itemsOf(scope), claims, tokenFormat };
}

/** A token without a scope has no items here, because only the server knows its policies. */
const itemsOf = (scope: unknown): string[] =>
  typeof scope === 'string' ? scope.split(' ').filter((item) => item !== '') : [];

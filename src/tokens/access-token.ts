import type { TokenProfile } from '../protocol/grant-type.js';
import { formatScope } from '../protocol/scope.js';
import type { NewSession } from '../sessions/session.js';

/** The `typ` of a JWT access token: RFC 9068 2.1, or as older verifiers expect it. */
export const typeOf = (profile: TokenProfile): string => (profile === 'rfc9068' ? 'at+jwt' : 'JWT');

export type TokenClaims = Pick<
  NewSession,
  'id' | 'clientId' | 'issuer' | 'subject' | 'audience' | 'scope' | 'startedAt' | 'endsAt'
>;

/** The claims of RFC 9068 2.2 and the door's own, as JSON; `aud` is a string when there is one. */
export function claimsOf(session: TokenClaims, extra: Readonly<Record<string, string>>): string {
  const { audience, scope } = session;
  return JSON.stringify({
    iss: session.issuer,
    sub: session.subject,
    aud: audience.length === 1 ? audience[0] : audience,
    client_id: session.clientId,
    ...extra,
    ...(scope === null ? {} : { scope: formatScope(scope) }),
    iat: Math.floor(session.startedAt / 1000),
    exp: session.endsAt / 1000,
    jti: session.id,
  });
}

import { toSeconds } from '../crypto/clock.js';
import { EncodedClaims } from '../keys/encoded-claims.js';
import type { TokenProfile } from '../protocol/grant-type.js';
import { formatScope } from '../protocol/scope.js';
import type { NewSession, SessionTerms } from '../sessions/session.js';

/** The `typ` of a JWT access token: RFC 9068 2.1, or as older verifiers expect it. */
export const typeOf = (profile: TokenProfile): string => (profile === 'rfc9068' ? 'at+jwt' : 'JWT');

/** The claims of RFC 9068 2.2 and the door's own, as the beginning of a JSON object; `aud` is a string when there is one. */
export function sharedClaims(terms: SessionTerms, extra: Readonly<Record<string, string>>): EncodedClaims {
  const { audience, scope } = terms;
  const claims = {
    iss: terms.issuer,
    sub: terms.subject,
    aud: audience.length === 1 ? audience[0] : audience,
    client_id: terms.clientId,
    ...extra,
    ...(scope === null ? {} : { scope: formatScope(scope) }),
  };
  return new EncodedClaims(JSON.stringify(claims).slice(0, -1));
}

/** What each token has of its own, as the end of that object. */
export const ownClaims = ({
  id,
  startedAt,
  endsAt,
}: Pick<NewSession, 'id' | 'startedAt' | 'endsAt'>): string =>
  `,"iat":${toSeconds(startedAt)},"exp":${endsAt / 1000},"jti":"${id}"}`;

import { EncodedClaims } from '../keys/encoded-claims.js';
import type { TokenProfile } from '../protocol/grant-type.js';
import { JsonTemplate, NUMBER, TEXT } from '../protocol/json-template.js';
import { formatScope } from '../protocol/scope.js';
import { toSeconds } from '../runtime/clock.js';
import type { NewSession, SessionTerms } from '../sessions/session.js';
import type { AddedClaims } from './token-claims.js';

/** The `typ` of a JWT access token: RFC 9068 2.1, or as older verifiers expect it. */
export const typeOf = (profile: TokenProfile): string => (profile === 'rfc9068' ? 'at+jwt' : 'JWT');

/** The claims that are unique to each token, after all others: `idWithin` finds `jti` at the end. */
export const OWN_CLAIMS = { iat: NUMBER, exp: NUMBER, jti: TEXT };

/**
 * Those of the client and its audiences, none of which has a name of ours, and those of RFC 9068 2.2 and of the dialect;
 * `aud` is a string when there is one.
 */
export function sharedClaims(
  terms: SessionTerms,
  extra: Readonly<Record<string, string>>,
  added: AddedClaims | undefined,
): EncodedClaims {
  const { audience, scope } = terms;
  const claims = {
    ...added?.claims,
    iss: terms.issuer,
    sub: terms.subject,
    aud: audience.length === 1 ? audience[0] : audience,
    client_id: terms.clientId,
    ...extra,
    ...(scope === null ? {} : { scope: formatScope(scope) }),
    ...(added?.permissions && scope !== null ? { permissions: scope } : {}),
    ...OWN_CLAIMS,
  };
  return new EncodedClaims(new JsonTemplate(claims));
}

/** The values of those that are unique to each token. */
export const ownClaims = ({
  id,
  startedAt,
  endsAt,
}: Pick<NewSession, 'id' | 'startedAt' | 'endsAt'>): (string | number)[] => [
  toSeconds(startedAt),
  endsAt / 1000,
  id,
];

const JTI_LAST = /,"jti":"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"}$/;
/** In Base64; enough for `,"jti":"…"}`. */
const TAIL_CHARACTERS = 64;

/**
 * The `jti` at the end of such a JWT, unverified: the digest of the whole token proves it later. The rest of the payload
 * is not parsed.
 */
export function idWithin(token: string): string | undefined {
  const start = token.indexOf('.') + 1;
  const end = token.indexOf('.', start);
  if (end < 0 || token.includes('.', end + 1)) return undefined;
  // Base64 decodes in groups of four characters.
  const skipped = Math.max(0, (end - start - TAIL_CHARACTERS) & ~3);
  return JTI_LAST.exec(Buffer.from(token.slice(start + skipped, end), 'base64url').toString('latin1'))?.[1];
}

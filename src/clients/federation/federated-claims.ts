import type { JWTPayload } from 'jose';
import { JWT_SPIFFE } from '../../protocol/client-assertion.js';
import { UNSTORABLE } from '../../protocol/unstorable.js';
import { assertTimes, CLOCK_SKEW_SECONDS } from '../private-key-jwt/assertion-claims.js';
import { AssertionRefusal, WrongAudience } from '../private-key-jwt/assertion-refusal.js';
import { type AssertionIdentity, isSpiffe, type TrustedIssuer } from './trusted-issuer.js';

/** Also of tokens that a platform issues for an hour and some seconds, as Kubernetes does. */
export const DEFAULT_LIFETIME_SECONDS = 3600;
const MAX_SUBJECT_CHARACTERS = 1024;
const MAX_JTI_CHARACTERS = 255;

/** The `issuer` of the TrustedIssuer that an unverified assertion claims to be from. */
export function claimedIssuer(type: string, { iss, sub }: JWTPayload): string | undefined {
  if (type === JWT_SPIFFE) return /^spiffe:\/\/[^/]+(?=\/)/.exec(String(sub))?.[0];
  return typeof iss === 'string' && !isSpiffe(iss) ? iss : undefined;
}

/** Who a verified assertion is about. */
export function readIdentity({ sub, jti }: JWTPayload, { issuer }: TrustedIssuer): AssertionIdentity {
  if (!isStorable(sub, MAX_SUBJECT_CHARACTERS)) throw new AssertionRefusal('its sub is missing or too long');
  if (jti !== undefined && !isStorable(jti, MAX_JTI_CHARACTERS))
    throw new AssertionRefusal('its jti is not a string, or too long');
  return { iss: issuer, sub, ...(jti === undefined ? {} : { jti }) };
}

/** Checks the claims that do not depend on a rule (RFC 7523 3). */
export function assertFederatedClaims(
  claims: JWTPayload,
  issuer: TrustedIssuer,
  ownIssuer: string,
  nowSeconds: number,
): void {
  assertAudience(claims.aud, issuer.audiences, ownIssuer);
  assertLifetime(claims, lifetimeOf(issuer), nowSeconds);
}

export const lifetimeOf = ({ maxLifetimeSeconds }: TrustedIssuer): number =>
  maxLifetimeSeconds ?? DEFAULT_LIFETIME_SECONDS;

/** From its issue on, so that a token that lasts too long is not accepted near its end. */
function assertLifetime(claims: JWTPayload, most: number, nowSeconds: number): void {
  assertTimes(claims, most, nowSeconds);
  const { exp = 0, iat } = claims;
  if (iat !== undefined && exp - iat > most + CLOCK_SKEW_SECONDS)
    throw new AssertionRefusal('it is valid for longer than max_lifetime_seconds of its issuer');
}

/** A string, or a list of one as Kubernetes writes it: one for several servers could be replayed by one of them. */
function assertAudience(aud: unknown, accepted: readonly string[] | null, ownIssuer: string): void {
  const [one] = Array.isArray(aud) && aud.length === 1 ? aud : [aud];
  const isMeant =
    typeof one === 'string' &&
    (accepted ? accepted.includes(one) : one.replace(/\/$/, '') === ownIssuer.replace(/\/$/, ''));
  if (!isMeant) throw new WrongAudience('its aud is not the one that its issuer must use for this server');
}

const isStorable = (value: unknown, most: number): value is string =>
  typeof value === 'string' && value !== '' && value.length <= most && !UNSTORABLE.test(value);

import type { JWTPayload } from 'jose';
import type { AssertionAudience } from '../../protocol/client-assertion.js';
import { isId } from '../../protocol/identifier.js';
import { AssertionRefusal } from './assertion-refusal.js';

/** The values of `aud` that the endpoint accepts. */
export interface AcceptedAudience {
  issuer: string;
  tokenEndpoint: string;
}

export interface AssertionClaims {
  clientId: string;
  jti: string;
  expiresAtSeconds: number;
  audience: unknown;
}

/** Bounds how long used assertions must be stored. */
const MAX_LIFE_SECONDS = 3600;
/** Tolerated difference between the clocks of client and server, in either direction. */
export const CLOCK_SKEW_SECONDS = 30;
const MAX_JTI_CHARACTERS = 255;

/** Checks the claims that do not depend on the client's registration (RFC 7523 3). */
export function readClaims(claims: JWTPayload, nowSeconds: number): AssertionClaims {
  const { iss, sub, aud, jti } = claims;
  if (!isId(sub) || iss !== sub) throw new AssertionRefusal('its iss and sub are not the same client id');
  assertTimes(claims, MAX_LIFE_SECONDS, nowSeconds);
  if (typeof jti !== 'string' || jti === '' || jti.length > MAX_JTI_CHARACTERS) {
    throw new AssertionRefusal('its jti is missing or too long');
  }
  return { clientId: sub, jti, expiresAtSeconds: claims.exp as number, audience: aud };
}

/** Throws unless the assertion is valid now and not for longer than `maxLifeSeconds`. */
export function assertTimes({ exp, nbf, iat }: JWTPayload, maxLifeSeconds: number, nowSeconds: number): void {
  if (!isTime(exp)) throw new AssertionRefusal('its exp is missing or not a number');
  if (exp + CLOCK_SKEW_SECONDS <= nowSeconds) throw new AssertionRefusal('its exp has passed');
  if (exp > nowSeconds + maxLifeSeconds + CLOCK_SKEW_SECONDS)
    throw new AssertionRefusal('its exp is too far in the future');
  for (const time of [nbf, iat]) {
    if (time === undefined) continue;
    if (!isTime(time) || time > nowSeconds + CLOCK_SKEW_SECONDS)
      throw new AssertionRefusal('its iat or nbf is in the future');
  }
}

/** The earliest time at which such claims are accepted, so the earliest at which they can have been used. */
export function acceptableFromSeconds(
  { exp = 0, nbf = 0, iat = 0 }: JWTPayload,
  maxLifeSeconds = MAX_LIFE_SECONDS,
): number {
  return Math.max(exp - maxLifeSeconds, nbf, iat) - CLOCK_SKEW_SECONDS;
}

/**
 * A single string, or a list of one, which some libraries write (RFC 7519 4.1.3): an assertion for several servers could
 * be replayed by one of them at another, and the URL of an endpoint may belong to another server
 * (draft-ietf-oauth-rfc7523bis 4).
 */
export function assertAudience(
  audience: unknown,
  expected: AssertionAudience,
  { issuer, tokenEndpoint }: AcceptedAudience,
): void {
  const [one] = Array.isArray(audience) && audience.length === 1 ? audience : [audience];
  const matches =
    typeof one === 'string' &&
    (expected === 'token_endpoint' ? one === tokenEndpoint : withoutSlash(one) === withoutSlash(issuer));
  if (!matches) throw new AssertionRefusal('its aud does not name this server');
}

const isTime = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);

const withoutSlash = (issuer: string): string => issuer.replace(/\/$/, '');

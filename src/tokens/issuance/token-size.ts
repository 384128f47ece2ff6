import type { SigningAlg } from '../../../packages/protocol/src/signing-alg.js';
import type { EncodedClaims } from '../../keys/encoded-claims.js';
import { type Claims, claimsBytes } from '../../protocol/claims.js';
import { invalidScope, invalidTarget } from '../../protocol/oauth-error.js';
import { ownClaims } from '../access-token.js';
import type { Authorization } from '../grants/grant.js';
import type { TokenSettings } from './token-settings.js';

/**
 * The longest JWT that is issued. By default nginx and Apache accept a header line of 8 KiB, Tomcat and Jetty 8 KiB for
 * all headers, and Node, on which this server runs, 16 KiB.
 */
export const MAX_JWT_BYTES = 7 * 1024;

/** With static claims: Node rejects headers of more than 16 KiB. */
const MAX_JWT_BYTES_WITH_CLAIMS = 14 * 1024;

/** Encoded; RSA keys have 2,048 bits. */
const SIGNATURE_BYTES: Readonly<Record<SigningAlg, number>> = {
  RS256: 342,
  PS256: 342,
  ES256: 86,
  EdDSA: 86,
};

/** As long as every `kid`, an RFC 7638 thumbprint. */
const SAMPLE_KID = 'k'.repeat(43);

/** As long as the claims that are unique to each token. */
const SAMPLE_CLAIMS = ownClaims({ id: 'i'.repeat(36), startedAt: 1e12, endsAt: 1e12 });

const encodedBytes = (claims: Claims): number => Math.ceil((claimsBytes(claims) * 4) / 3);

export interface PlannedJwt {
  type: string;
  claims: EncodedClaims;
}

export function jwtBytes({ type, claims }: PlannedJwt, alg: SigningAlg): number {
  const header = Buffer.from(JSON.stringify({ alg, typ: type, kid: SAMPLE_KID })).toString('base64url');
  return header.length + claims.with(SAMPLE_CLAIMS).length + SIGNATURE_BYTES[alg] + '..'.length;
}

/**
 * Rejects a JWT that is too long for its readers, before anything is signed or written. Static claims come on top, since
 * their operator knows the readers.
 */
export function assertReadable(
  jwt: PlannedJwt,
  { alg }: TokenSettings,
  { scope, added }: Pick<Authorization, 'scope' | 'added'>,
): void {
  const bytes = jwtBytes(jwt, alg);
  if (bytes <= MAX_JWT_BYTES) return;
  const max = Math.min(MAX_JWT_BYTES + (added ? encodedBytes(added.claims) : 0), MAX_JWT_BYTES_WITH_CLAIMS);
  if (bytes <= max) return;
  const size = `the token would be ${bytes} bytes, and servers accept at most ${max} in a header`;
  throw scope?.length
    ? invalidScope(`${size}: request fewer scopes, or opaque tokens (token_format of the client)`)
    : invalidTarget(`${size}: request fewer audiences, or opaque tokens (token_format of the client)`);
}

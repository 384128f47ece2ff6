import { createHash } from 'node:crypto';
import type { JWK } from 'jose';
import type { SigningAlg } from '../../packages/protocol/src/signing-alg.js';

/** A member of the JWK Set (RFC 7517 4): public members only, with the certificate that older verifiers read. */
export interface PublicJwk extends JWK {
  kid: string;
  alg: SigningAlg;
  use: 'sig';
  x5c: string[];
  x5t: string;
  'x5t#S256': string;
}

/** The published members of a key. */
export const publicJwkOf = (
  jwk: JWK,
  named: Pick<PublicJwk, 'kid' | 'alg'>,
  certificate: Buffer,
): PublicJwk => ({
  ...jwk,
  ...named,
  use: 'sig',
  x5c: [certificate.toString('base64')],
  x5t: createHash('sha1').update(certificate).digest('base64url'),
  'x5t#S256': createHash('sha256').update(certificate).digest('base64url'),
});

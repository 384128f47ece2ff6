import type { JWK } from 'jose';
import type { SigningAlg } from '../protocol/signing-alg.js';

/** A member of the JWK Set (RFC 7517 4): public members only, with the certificate that older verifiers read. */
export interface PublicJwk extends JWK {
  kid: string;
  alg: SigningAlg;
  use: 'sig';
  x5c: string[];
  x5t: string;
  'x5t#S256': string;
}

import { createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { publicJwkOf } from './public-jwk.js';
import type { SigningKeyRow } from './signing-key.entity.js';

/** The public key does not match the sealed private key, so its signatures could not be verified. */
export class PublicKeyMismatch extends Error {
  constructor({ kid, alg }: Pick<SigningKeyRow, 'kid' | 'alg'>) {
    super(`signing key ${kid} ${alg}: its public key was changed or damaged; restore it from a backup`);
  }
}

/** The public key is not sealed, so each of its members is compared with the one derived from the private key. */
export function assertMatchingPair(row: SigningKeyRow, privateKey: KeyObject): void {
  if (!matches(row, privateKey)) throw new PublicKeyMismatch(row);
}

function matches({ publicJwk, kid, alg }: SigningKeyRow, privateKey: KeyObject): boolean {
  try {
    const certificate = Buffer.from(publicJwk.x5c[0] as string, 'base64');
    const jwk = createPublicKey(privateKey).export({ format: 'jwk' });
    const expected = publicJwkOf(jwk, { kid, alg }, certificate);
    return (
      isDeepStrictEqual(publicJwk, expected) && new X509Certificate(certificate).checkPrivateKey(privateKey)
    );
  } catch {
    return false;
  }
}

import { createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { publicJwkOf } from './public-jwk.js';
import type { SigningKeyRow } from './signing-key.entity.js';

/** The published half of a signing key does not belong to its sealed half: nobody could verify what it signs. */
export class PublicKeyMismatch extends Error {
  constructor({ kid, alg }: Pick<SigningKeyRow, 'kid' | 'alg'>) {
    super(`signing key ${kid} ${alg}: its public key was changed or damaged; restore it from a backup`);
  }
}

/** The public half is not sealed, so it is compared, member by member, with what follows from the private key. */
export function assertMatchingPair(row: SigningKeyRow, privateKey: KeyObject): void {
  if (!belongs(row, privateKey)) throw new PublicKeyMismatch(row);
}

function belongs({ publicJwk, kid, alg }: SigningKeyRow, privateKey: KeyObject): boolean {
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

import { createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import type { SigningKeyRow } from './signing-key.entity.js';

/** The published half of a signing key does not belong to its sealed half: nobody could verify what it signs. */
export class ForeignPublicKey extends Error {
  constructor({ kid, alg }: Pick<SigningKeyRow, 'kid' | 'alg'>) {
    super(`signing key ${kid} ${alg}: its public half was changed or damaged; restore it from a backup`);
  }
}

/** The public half is not sealed, so it is compared with the one that follows from the private key. */
export function checkOwnHalves(row: SigningKeyRow, privateKey: KeyObject): void {
  const { publicJwk } = row;
  const derived = Object.entries(createPublicKey(privateKey).export({ format: 'jwk' }));
  const belongs =
    publicJwk.kid === row.kid &&
    publicJwk.alg === row.alg &&
    derived.every(([member, value]) => Reflect.get(publicJwk, member) === value) &&
    certifies(publicJwk.x5c?.[0] ?? '', privateKey);
  if (!belongs) throw new ForeignPublicKey(row);
}

function certifies(certificate: string, privateKey: KeyObject): boolean {
  try {
    return new X509Certificate(Buffer.from(certificate, 'base64')).checkPrivateKey(privateKey);
  } catch {
    return false;
  }
}

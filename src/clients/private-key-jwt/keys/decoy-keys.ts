import { generateKeyPairSync, randomBytes } from 'node:crypto';
import type { PublicKey, PublicKeySet } from './public-key.js';

/** Used for an unknown client, so that its rejection takes as long as that of a forged signature. */
export function decoyKeys(): PublicKeySet {
  const curves = ['P-256', 'P-384', 'P-521'].map((namedCurve) => generateKeyPairSync('ec', { namedCurve }));
  const pairs = [...curves, generateKeyPairSync('ed25519')];
  const keys = pairs.map(({ publicKey }) => publicKey.export({ format: 'jwk' }) as PublicKey);
  return { keys: [rsaKey(), ...keys] };
}

/** Any odd modulus will do, because nothing was ever signed with this key; that saves the search for primes. */
function rsaKey(): PublicKey {
  const modulus = randomBytes(256);
  modulus[0] = (modulus[0] as number) | 0x80;
  modulus[255] = (modulus[255] as number) | 1;
  return { kty: 'RSA', n: modulus.toString('base64url'), e: 'AQAB' } as PublicKey;
}

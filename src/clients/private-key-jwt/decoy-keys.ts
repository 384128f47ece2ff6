import { generateKeyPairSync, randomBytes } from 'node:crypto';
import type { PublicKey, PublicKeySet } from './public-key.js';

/** Verified where no client is known, so that such a refusal takes as long as that of a forged signature. */
export function decoyKeys(): PublicKeySet {
  const curves = ['P-256', 'P-384', 'P-521'].map((namedCurve) => generateKeyPairSync('ec', { namedCurve }));
  const pairs = [...curves, generateKeyPairSync('ed25519')];
  const keys = pairs.map(({ publicKey }) => publicKey.export({ format: 'jwk' }) as PublicKey);
  return { keys: [rsaKey(), ...keys] };
}

/** Any odd number serves as the modulus of a key that nothing was ever signed with, and costs no search for primes. */
function rsaKey(): PublicKey {
  const modulus = randomBytes(256);
  modulus[0] = (modulus[0] as number) | 0x80;
  modulus[255] = (modulus[255] as number) | 1;
  return { kty: 'RSA', n: modulus.toString('base64url'), e: 'AQAB' } as PublicKey;
}

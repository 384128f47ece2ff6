import 'reflect-metadata';
import { generateKeyPair, type KeyObject, webcrypto } from 'node:crypto';
import { promisify } from 'node:util';
import { calculateJwkThumbprint, exportJWK } from 'jose';
import type { SigningAlg } from '../../packages/protocol/src/signing-alg.js';
import { type PublicJwk, publicJwkOf } from './public-jwk.js';

const RSA_MODULUS_BITS = 2048;
const CERTIFICATE_YEARS = 20;

/** The WebCrypto algorithm that signs the certificate; PS256 keys use PKCS #1 here, for older readers. */
const CERTIFICATE_ALGORITHM = {
  RS256: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
  PS256: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
  ES256: { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
  EdDSA: { name: 'Ed25519' },
} as const satisfies Record<SigningAlg, object>;

export interface MadeKey {
  privateKey: KeyObject;
  publicJwk: PublicJwk;
}

/** Makes a key pair, its thumbprint as `kid` (RFC 7638) and a self-signed certificate. */
export async function makeSigningKey(alg: SigningAlg, nowMilliseconds: number): Promise<MadeKey> {
  const { privateKey, publicKey } = await generatePair(alg);
  const jwk = await exportJWK(publicKey);
  const certificate = await selfSign(alg, privateKey, publicKey, nowMilliseconds);
  const publicJwk = publicJwkOf(jwk, { kid: await calculateJwkThumbprint(jwk), alg }, certificate);
  return { privateKey, publicJwk };
}

async function generatePair(alg: SigningAlg): Promise<{ privateKey: KeyObject; publicKey: KeyObject }> {
  const generate = promisify(generateKeyPair);
  if (alg === 'ES256') return generate('ec', { namedCurve: 'P-256' });
  if (alg === 'EdDSA') return generate('ed25519');
  return generate('rsa', { modulusLength: RSA_MODULUS_BITS });
}

async function selfSign(
  alg: SigningAlg,
  privateKey: KeyObject,
  publicKey: KeyObject,
  nowMilliseconds: number,
): Promise<Buffer> {
  // Loaded lazily: it is needed only when a key is made.
  const { cryptoProvider, X509CertificateGenerator } = await import('@peculiar/x509');
  cryptoProvider.set('webcrypto', webcrypto as never);
  const algorithm = CERTIFICATE_ALGORITHM[alg];
  const { subtle } = webcrypto;
  const keys = {
    privateKey: await subtle.importKey(
      'pkcs8',
      privateKey.export({ type: 'pkcs8', format: 'der' }),
      algorithm,
      true,
      ['sign'],
    ),
    publicKey: await subtle.importKey(
      'spki',
      publicKey.export({ type: 'spki', format: 'der' }),
      algorithm,
      true,
      ['verify'],
    ),
  };
  const notAfter = new Date(nowMilliseconds);
  notAfter.setUTCFullYear(notAfter.getUTCFullYear() + CERTIFICATE_YEARS);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: `CN=Latchkey ${alg}`,
    notBefore: new Date(nowMilliseconds),
    notAfter,
    keys,
    signingAlgorithm: algorithm,
  });
  return Buffer.from(certificate.rawData);
}

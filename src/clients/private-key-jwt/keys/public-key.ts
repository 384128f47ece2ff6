import { createPublicKey, type KeyObject } from 'node:crypto';
import type { AssertionAlg } from '../../../protocol/client-assertion.js';
import type { Fault } from '../../../protocol/problem.js';
import { hasSmallFactor, hasSmallOrder } from './weak-keys.js';

/** A public key as a client registers or publishes it (RFC 7517 4), checked. */
export interface PublicKey {
  kty: string;
  kid?: string;
  use?: string;
  alg?: string;
  key_ops?: string[];
  crv?: string;
}

export interface PublicKeySet {
  keys: PublicKey[];
}

type Members = Readonly<Record<string, unknown>>;

const RSA_ALGS: readonly AssertionAlg[] = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'];

const ALGS: Readonly<Record<string, readonly AssertionAlg[]>> = {
  RSA: RSA_ALGS,
  'EC P-256': ['ES256'],
  'EC P-384': ['ES384'],
  'EC P-521': ['ES512'],
  'OKP Ed25519': ['EdDSA', 'Ed25519'],
};

const VALUES: Readonly<Record<string, readonly string[]>> = { RSA: ['n', 'e'], EC: ['x', 'y'], OKP: ['x'] };

/** RFC 7518 6.2.2, 6.3.2 and 6.4.1. */
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'];

const BASE64URL = /^[A-Za-z0-9_-]+$/;
const MIN_RSA_BITS = 2048;
const MAX_RSA_BITS = 8192;
/** The time of a verification grows with the length of the exponent. */
const MAX_RSA_EXPONENT = 2n ** 32n;

/** The algorithms whose signatures the key can verify, by its type and its declared parameters. */
export function algsOf({ kty, crv, use, alg, key_ops: operations }: PublicKey): readonly AssertionAlg[] {
  const forSignatures =
    (use ?? 'sig') === 'sig' && (!Array.isArray(operations) || operations.includes('verify'));
  const algs = forSignatures ? (ALGS[kty === 'RSA' ? kty : `${kty} ${crv}`] ?? []) : [];
  // EdDSA with such a key and Ed25519 are two names of one algorithm (RFC 9864 2.2); libraries use either.
  if (alg === undefined || (crv === 'Ed25519' && (alg === 'EdDSA' || alg === 'Ed25519'))) return algs;
  return algs.filter((one) => one === alg);
}

/** The key for node:crypto and jose, from the members of its value only. */
export function importPublicKey(jwk: PublicKey): KeyObject {
  const { kty, crv, n, e, x, y } = jwk as PublicKey & Record<string, string>;
  const key = Object.fromEntries(
    Object.entries({ kty, crv, n, e, x, y }).filter(([, value]) => value !== undefined),
  );
  return createPublicKey({ key, format: 'jwk' });
}

/** What is wrong with a JWK as a public key; an empty path means the key as a whole. */
export function publicKeyFaults(jwk: Members): Fault[] {
  const faults = [...privateFaults(jwk), ...hintFaults(jwk), ...typeFaults(jwk)];
  return faults.length > 0 ? faults : valueFaults(jwk as unknown as PublicKey);
}

const privateFaults = (jwk: Members): Fault[] =>
  PRIVATE_MEMBERS.filter((name) => name in jwk).map((path) => ({
    path,
    message: 'is a private member: send only the public key',
  }));

function hintFaults({ kid, use, alg, key_ops: operations }: Members): Fault[] {
  const faults: Fault[] = [];
  if (kid !== undefined && (typeof kid !== 'string' || kid === '' || kid.length > 255)) {
    faults.push({ path: 'kid', message: 'must be a string of 1 to 255 characters' });
  }
  for (const [path, value] of Object.entries({ use, alg })) {
    if (value !== undefined && typeof value !== 'string') faults.push({ path, message: 'must be a string' });
  }
  const isList = Array.isArray(operations) && operations.every((one) => typeof one === 'string');
  if (operations !== undefined && !isList) {
    faults.push({ path: 'key_ops', message: 'must be a list of strings' });
  }
  return faults;
}

function typeFaults(jwk: Members): Fault[] {
  const { kty, crv, use, alg } = jwk;
  const names = Object.hasOwn(VALUES, String(kty)) ? VALUES[String(kty)] : undefined;
  if (typeof kty !== 'string' || !names) return [{ path: 'kty', message: 'must be one of RSA, EC, OKP' }];
  const algs = ALGS[kty === 'RSA' ? kty : `${kty} ${crv}`];
  if (!algs) return [{ path: 'crv', message: 'must be P-256, P-384 or P-521 for EC, Ed25519 for OKP' }];
  const faults = names
    .filter((name) => typeof jwk[name] !== 'string' || !BASE64URL.test(jwk[name]))
    .map((path) => ({ path, message: 'must be base64url' }));
  if (alg !== undefined && use !== 'enc' && !algs.some((one) => one === alg)) {
    faults.push({ path: 'alg', message: `must be one of ${algs.join(', ')} for this key` });
  }
  return faults;
}

function valueFaults(jwk: PublicKey): Fault[] {
  const key = imported(jwk);
  if (!key) return [{ path: '', message: 'is not a valid public key' }];
  const { modulusLength: bits = MIN_RSA_BITS, publicExponent: exponent = 3n } =
    key.asymmetricKeyDetails ?? {};
  if (bits < MIN_RSA_BITS || bits > MAX_RSA_BITS) {
    return [{ path: 'n', message: `must have ${MIN_RSA_BITS} to ${MAX_RSA_BITS} bits` }];
  }
  const usual = exponent >= 3n && exponent < MAX_RSA_EXPONENT && exponent % 2n === 1n;
  if (!usual) return [{ path: 'e', message: 'must be an odd number from 3 to 4294967295' }];
  return weaknesses(jwk as PublicKey & Record<string, string>);
}

function weaknesses({ kty, n, x }: PublicKey & Record<string, string>): Fault[] {
  if (kty === 'RSA' && hasSmallFactor(bytesOf(n))) {
    return [{ path: 'n', message: 'has a small factor: it is not the modulus of an RSA key pair' }];
  }
  return kty === 'OKP' && hasSmallOrder(bytesOf(x))
    ? [
        {
          path: 'x',
          message: 'is a point of small order: its signatures can be forged without a private key',
        },
      ]
    : [];
}

const bytesOf = (value = ''): Buffer => Buffer.from(value, 'base64url');

function imported(jwk: PublicKey): KeyObject | undefined {
  try {
    return importPublicKey(jwk);
  } catch {
    return undefined;
  }
}

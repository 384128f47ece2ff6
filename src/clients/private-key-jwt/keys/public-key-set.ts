import type { Fault } from '../../../protocol/problem.js';
import { algsOf, type PublicKey, type PublicKeySet, publicKeyFaults } from './public-key.js';

/** Keys that can verify assertions; others in the set are not counted. */
const MAX_USABLE_KEYS = 20;
const MAX_SET_BYTES = 32 * 1024;

type Members = Readonly<Record<string, unknown>>;

const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What is wrong with a JWK Set that an administrator registers; paths are relative to the set. */
export function keySetFaults(set: unknown): Fault[] {
  if (!isMembers(set)) return [{ path: '', message: 'must be an object' }];
  const { keys } = set;
  if (!Array.isArray(keys)) return [{ path: '.keys', message: 'must be a list' }];
  if (keys.filter(isVerificationKey).length > MAX_USABLE_KEYS)
    return [
      { path: '.keys', message: `must contain at most ${MAX_USABLE_KEYS} keys that can verify assertions` },
    ];
  if (Buffer.byteLength(JSON.stringify(set)) > MAX_SET_BYTES)
    return [{ path: '', message: 'must be at most 32 KiB' }];
  return [...keys.flatMap(keyFaults), ...repeatedKids(keys)];
}

/** Whether the set has a key that can verify assertions. */
export const canVerify = ({ keys }: PublicKeySet): boolean => keys.some((key) => algsOf(key).length > 0);

/** The usable keys of a fetched set; unsupported ones are ignored (RFC 7517 5). `use`: see KeySource. */
export function usableKeys(published: unknown, use?: string): PublicKeySet | undefined {
  const set = withSignatureUse(published, use);
  if (!isMembers(set) || !Array.isArray(set.keys)) return undefined;
  const keys: PublicKey[] = [];
  for (const key of set.keys) {
    if (keys.length === MAX_USABLE_KEYS) break;
    if (isVerificationKey(key) && keyFaults(key, 0).length === 0) keys.push(key);
  }
  return { keys };
}

/** A set whose keys name the use for signatures by another word; see KeySource. */
export function withSignatureUse(set: unknown, use: string | undefined): unknown {
  if (use === undefined || !isMembers(set) || !Array.isArray(set.keys)) return set;
  const keys = set.keys.map((key: unknown) =>
    isMembers(key) && key.use === use ? { ...key, use: 'sig' } : key,
  );
  return { ...set, keys };
}

/** By the declared parameters of the key; its value is checked later. */
const isVerificationKey = (key: unknown): key is PublicKey =>
  isMembers(key) && algsOf(key as unknown as PublicKey).length > 0;

function keyFaults(key: unknown, position: number): Fault[] {
  const at = `.keys[${position}]`;
  if (!isMembers(key)) return [{ path: at, message: 'must be an object' }];
  return publicKeyFaults(key).map(({ path, message }) => ({
    path: path === '' ? at : `${at}.${path}`,
    message,
  }));
}

/** Keys of different types may share a kid (RFC 7517 4.5). */
function repeatedKids(keys: readonly unknown[]): Fault[] {
  const names = keys.map((key) =>
    isMembers(key) && key.kid !== undefined ? JSON.stringify([key.kty, key.crv, key.kid]) : undefined,
  );
  return names.flatMap((name, position) =>
    name !== undefined && names.indexOf(name) < position
      ? [{ path: `.keys[${position}].kid`, message: 'is also the kid of another key with this kty' }]
      : [],
  );
}

import type { Fault } from '../../protocol/problem.js';
import { algsOf, type PublicKeySet, publicKeyFaults } from './public-key.js';

export const MOST_KEYS = 20;
const MOST_BYTES = 32 * 1024;

type Members = Readonly<Record<string, unknown>>;

const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What is wrong with a JWK Set that an administrator registers; the paths begin at the set. */
export function keySetFaults(set: unknown): Fault[] {
  if (!isMembers(set)) return [{ path: '', message: 'must be an object' }];
  const { keys } = set;
  if (!Array.isArray(keys)) return [{ path: '.keys', message: 'must be a list' }];
  if (keys.length > MOST_KEYS)
    return [{ path: '.keys', message: `must have no more than ${MOST_KEYS} items` }];
  if (Buffer.byteLength(JSON.stringify(set)) > MOST_BYTES)
    return [{ path: '', message: 'must have no more than 32 KiB' }];
  return [...keys.flatMap(keyFaults), ...repeatedKids(keys)];
}

/** Whether the set has a key that an assertion can be verified with. */
export const canVerify = ({ keys }: PublicKeySet): boolean => keys.some((key) => algsOf(key).length > 0);

/** The keys of a fetched set that can be used; those that are not understood are passed over (RFC 7517 5). */
export function usableKeys(set: unknown): PublicKeySet | undefined {
  if (!isMembers(set) || !Array.isArray(set.keys)) return undefined;
  const keys = set.keys.slice(0, MOST_KEYS).filter((key) => keyFaults(key, 0).length === 0);
  return { keys };
}

function keyFaults(key: unknown, position: number): Fault[] {
  const at = `.keys[${position}]`;
  if (!isMembers(key)) return [{ path: at, message: 'must be an object' }];
  return publicKeyFaults(key).map(({ path, message }) => ({
    path: path === '' ? at : `${at}.${path}`,
    message,
  }));
}

function repeatedKids(keys: readonly unknown[]): Fault[] {
  const kids = keys.map((key) => (isMembers(key) ? key.kid : undefined));
  return kids.flatMap((kid, position) =>
    kid !== undefined && kids.indexOf(kid) < position
      ? [{ path: `.keys[${position}].kid`, message: 'names another key of the set as well' }]
      : [],
  );
}

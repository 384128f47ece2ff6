import { pbkdf2, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { verify } from '@node-rs/bcrypt';

const derive = promisify(pbkdf2);

/** About a quarter of a second, as long as the slowest of the others. */
const MAX_BCRYPT_COST = 12;
const BCRYPT = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/;

/** The most iterations of each hash function, which take as long as bcrypt at its highest cost. */
const MAX_ITERATIONS = { sha256: 600_000, sha512: 250_000 } as const;
const MIN_ITERATIONS = 1000;
const MIN_SALT_BYTES = 8;
const MIN_KEY_BYTES = 16;
const MAX_BYTES = 64;
/** The form of Hydra: Base64 without padding. */
const PBKDF2 =
  /^\$pbkdf2-(sha256|sha512)\$i=(\d{1,7}),l=(\d{1,2})\$([A-Za-z0-9+/]{1,88})\$([A-Za-z0-9+/]{1,88})$/;

const FORMS =
  'must be a bcrypt hash ($2a$, $2b$ or $2y$) or a PBKDF2 hash ($pbkdf2-sha256$i=…,l=…$salt$hash, or sha512)';

interface Pbkdf2Hash {
  digest: keyof typeof MAX_ITERATIONS;
  iterations: number;
  keyBytes: number;
  salt: Buffer;
  key: Buffer;
}

/** Whether a stored hash was made by another system, which is the case until its secret is first used. */
export const isImportedHash = (stored: string): boolean =>
  stored.startsWith('$2') || stored.startsWith('$pbkdf2-');

/** Why this hash cannot take the place of a secret; undefined if it can. */
export function importedHashFault(text: string): string | undefined {
  const cost = BCRYPT.exec(text)?.[1];
  if (cost !== undefined) {
    return Number(cost) >= 4 && Number(cost) <= MAX_BCRYPT_COST
      ? undefined
      : `must have a bcrypt cost from 4 to ${MAX_BCRYPT_COST}, so that a wrong secret costs little: use a new secret`;
  }
  const hash = pbkdf2Of(text);
  if (!hash) return FORMS;
  const most = MAX_ITERATIONS[hash.digest];
  if (hash.iterations < MIN_ITERATIONS || hash.iterations > most) {
    return `must have ${MIN_ITERATIONS} to ${most} iterations, so that a wrong secret costs little: use a new secret`;
  }
  if (hash.keyBytes !== hash.key.length || hash.keyBytes < MIN_KEY_BYTES || hash.keyBytes > MAX_BYTES) {
    return `must contain a hash of ${MIN_KEY_BYTES} to ${MAX_BYTES} bytes, as l says`;
  }
  return hash.salt.length >= MIN_SALT_BYTES && hash.salt.length <= MAX_BYTES
    ? undefined
    : `must contain a salt of ${MIN_SALT_BYTES} to ${MAX_BYTES} bytes`;
}

/** Runs outside the event loop. */
export async function matchesImported(stored: string, secret: string): Promise<boolean> {
  // bcrypt repeats a key after its final NUL, so that "a" and "a\0a" would be the same.
  if (secret.includes('\0')) return false;
  const hash = pbkdf2Of(stored);
  if (!hash) return verify(secret, stored);
  const key = await derive(secret, hash.salt, hash.iterations, hash.keyBytes, hash.digest);
  return timingSafeEqual(key, hash.key);
}

function pbkdf2Of(text: string): Pbkdf2Hash | undefined {
  const [, digest, iterations, keyBytes, salt, key] = PBKDF2.exec(text) ?? [];
  if (digest === undefined || salt === undefined || key === undefined) return undefined;
  return {
    digest: digest as Pbkdf2Hash['digest'],
    iterations: Number(iterations),
    keyBytes: Number(keyBytes),
    salt: Buffer.from(salt, 'base64'),
    key: Buffer.from(key, 'base64'),
  };
}

import { isSecret } from './limits.js';
import type { SourceObject } from './source-object.js';

/** Masks that systems write in place of a secret. */
const MASKED = /^(\*+|\(hidden\)|_VALUE_NOT_SHOWN_|<redacted>|REDACTED)$/i;

const HASH = /^\$(2[abxy]?\$|pbkdf2-)/;
/** The forms that the server verifies; it checks the hash in full. */
const BCRYPT = /^\$2[aby]\$(0[4-9]|1[0-2])\$/;
const PBKDF2 = /^\$pbkdf2-(sha256|sha512)\$i=(\d+),/;
const MAX_ITERATIONS: Readonly<Record<string, number>> = { sha256: 600_000, sha512: 250_000 };

function isVerifiable(hash: string): boolean {
  const [, digest, iterations] = PBKDF2.exec(hash) ?? [];
  return BCRYPT.test(hash) || (digest !== undefined && Number(iterations) <= (MAX_ITERATIONS[digest] ?? 0));
}

/** A client's secret or its hash, or neither; a client that needs a new secret is reported. */
export function secretOf(
  object: SourceObject,
  member: string,
  howToGet: string,
): { secret?: string; secretHash?: string } {
  const value = object.peek(member);
  const lost = (why: string) => {
    object.missing(member, { group: 'secret', why });
    return {};
  };
  if (value === undefined || value === null || value === '') return lost(`is not in the file: ${howToGet}`);
  if (typeof value !== 'string') return lost('is not text');
  if (MASKED.test(value) || value.includes('@@') || /^##\w+##$/.test(value) || /^\$\{.*\}$/.test(value)) {
    return lost(`is masked in the file: ${howToGet}`);
  }
  if (HASH.test(value)) {
    if (!isVerifiable(value)) {
      return lost('is a hash of another form, or too slow to verify: give the client a new secret');
    }
    object.imported(member, 'as a hash');
    return { secretHash: value };
  }
  if (!isSecret(value)) return lost('must have 8 to 255 characters, none of them a control character');
  object.imported(member);
  return { secret: value };
}

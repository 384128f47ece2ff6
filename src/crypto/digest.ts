import { hash, timingSafeEqual } from 'node:crypto';

/** SHA-256 of a token, the only form in which a token is stored; 43 characters of base64url. */
export const tokenDigest = (token: string): string => hash('sha256', token, 'base64url');

/** Compares digests of equal length in constant time. */
export function sameDigest(one: string, other: string): boolean {
  const a = Buffer.from(one);
  const b = Buffer.from(other);
  return a.length === b.length && timingSafeEqual(a, b);
}

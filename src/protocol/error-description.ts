import { maskedInAscii } from './masked.js';

const MAX_READ = 4096;
const OUTSIDE_DESCRIPTION = /[^\x20-\x21\x23-\x5B\x5D-\x7E]/gu;

/** Keeps what a caller sent inside the characters that an error_description may hold (RFC 6749 5.2), without credentials. */
export function printable(value: string): string {
  return maskedInAscii(value.slice(0, MAX_READ)).slice(0, 256).replace(OUTSIDE_DESCRIPTION, '?');
}

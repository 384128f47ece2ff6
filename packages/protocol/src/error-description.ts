import { maskedInAscii } from './masked.js';

const MAX_READ = 4096;
const OUTSIDE_DESCRIPTION = /[^\x20-\x21\x23-\x5B\x5D-\x7E]/gu;

/** Restricts input to the characters of an error_description (RFC 6749 5.2) and masks credentials. */
export function printable(value: string): string {
  return maskedInAscii(value.slice(0, MAX_READ)).slice(0, 256).replace(OUTSIDE_DESCRIPTION, '?');
}

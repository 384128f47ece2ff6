import { HANDLE_PREFIXES } from './handle-prefix.js';

const PREFIXES = Object.values(HANDLE_PREFIXES).join('|');

/** Few texts have any of these in them, and only those are looked at more closely. */
const SUSPECT = new RegExp(`${PREFIXES}|eyJ|basic|bearer`, 'i');

/** Tokens and made secrets, whole or cut off; what is left of a shorter piece tells nothing. */
const HANDLE = new RegExp(`(${PREFIXES})[A-Za-z0-9_-]{16,}`, 'g');

/** What a JWT may be in, up to the first character that it cannot hold: one that always fits is never tried again. */
const JWT_RUN = /eyJ[A-Za-z0-9_.-]*/g;
const MIN_JWT_HEADER_LENGTH = 11;

const BASIC = /\b(basic)[\s?+:]+([A-Za-z0-9+/_-]{4,}=*)/gi;

const BEARER = /\b(bearer)[\s?+:]+[A-Za-z0-9._~+/-]{16,}=*/gi;

/** Whether masking may change the text: quick, and sometimes wrongly true. */
export const mayContainCredentials = (text: string): boolean => SUSPECT.test(text);

/** A text without the credentials that somebody has put into it; of each of them its kind stays, and the mark. */
export function masked(text: string, mark = '…'): string {
  if (!mayContainCredentials(text)) return text;
  return text
    .replace(BEARER, `$1 ${mark}`)
    .replace(BASIC, (found, scheme, credentials) =>
      isUserAndSecret(credentials) ? `${scheme} ${mark}` : found,
    )
    .replace(HANDLE, `$1${mark}`)
    .replace(JWT_RUN, (run) => withoutJwt(run, mark));
}

/** JWS and JWE in compact form (RFC 7515 3.1, RFC 7516 3.1), whole or cut off: a header that is JSON, then segments. */
function withoutJwt(run: string, mark: string): string {
  let start = 0;
  for (const segment of run.split('.').slice(0, -1)) {
    const header = segment.indexOf('eyJ');
    if (header >= 0 && segment.length - header >= MIN_JWT_HEADER_LENGTH)
      return `${run.slice(0, start + header)}eyJ${mark}`;
    start += segment.length + 1;
  }
  return run;
}

/** For what may hold ASCII alone, such as an answer (RFC 6749 5.2). */
export const maskedInAscii = (text: string): string => masked(text, '...');

/** The same of every text in a JSON value, names of members included. */
export function maskedAll(value: unknown, mask: (text: string) => string = masked): unknown {
  if (typeof value === 'string') return mask(value);
  if (Array.isArray(value)) return value.map((item) => maskedAll(item, mask));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [mask(name), maskedAll(member, mask)]),
  );
}

/** Words that follow "basic" in a sentence are no Base64 of an id, a colon and a secret (RFC 7617 2). */
const isUserAndSecret = (credentials: string): boolean => Buffer.from(credentials, 'base64').includes(0x3a);

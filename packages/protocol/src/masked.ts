import { HANDLE_PREFIXES } from './handle-prefix.js';

const PREFIXES = Object.values(HANDLE_PREFIXES).join('|');

/** A cheap pre-check: few texts contain any of these. */
const SUSPECT = new RegExp(`${PREFIXES}|eyJ|basic|bearer`, 'i');

/** Tokens and generated secrets, whole or truncated; shorter fragments reveal nothing. */
const HANDLE = new RegExp(`(${PREFIXES})[A-Za-z0-9_-]{16,}`, 'g');

/** A run of characters in which a JWT may occur; it always matches, so the expression never backtracks. */
const JWT_RUN = /eyJ[A-Za-z0-9_.-]*/g;
const MIN_JWT_HEADER_LENGTH = 11;

const BASIC = /\b(basic)[\s?+:]+([A-Za-z0-9+/_-]{4,}=*)/gi;

const BEARER = /\b(bearer)[\s?+:]+[A-Za-z0-9._~+/-]{16,}=*/gi;

/** Whether masking may change the text: fast, with false positives. */
export const mayContainCredentials = (text: string): boolean => SUSPECT.test(text);

/** The text with credentials replaced by their kind and a mark. */
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

/** JWS and JWE in compact form (RFC 7515 3.1, RFC 7516 3.1), whole or truncated: a JSON header, then segments. */
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

/** For ASCII-only text, such as an error description (RFC 6749 5.2). */
export const maskedInAscii = (text: string): string => masked(text, '...');

/** The same for every string in a JSON value, including member names. */
export function maskedAll(value: unknown, mask: (text: string) => string = masked): unknown {
  if (typeof value === 'string') return mask(value);
  if (Array.isArray(value)) return value.map((item) => maskedAll(item, mask));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [mask(name), maskedAll(member, mask)]),
  );
}

/** Distinguishes Base64 of id, colon and secret (RFC 7617 2) from ordinary words after "basic". */
const isUserAndSecret = (credentials: string): boolean => Buffer.from(credentials, 'base64').includes(0x3a);

import { printable } from '../../../packages/protocol/src/error-description.js';
import { isReservedClaim } from '../../../packages/protocol/src/reserved-claim.js';
import type { Claims } from '../../protocol/claims.js';
import { invalidRequest } from '../../protocol/oauth-error.js';

const MAX_CLAIMS = 32;
const MAX_NAME_CHARACTERS = 255;
/** Together with `X-Scope` they may be more than a gateway accepts by default, 4 KiB in nginx. */
const MAX_HEADERS_BYTES = 3 * 1024;

/** ASCII that is no JSON of another type than a string and has no space at an end, which HTTP does not keep. */
const PLAIN = /^(?!["[{])[\x21-\x7E](?:[\x20-\x7E]*[\x21-\x7E])?$/;
const BEYOND_ASCII = /[^\x20-\x7E]/g;

/** The names in `claims`, separated by spaces or commas or in several parameters. */
export function readClaimNames(lists: readonly string[]): readonly string[] {
  const names = [...new Set(lists.flatMap((list) => list.split(/[\s,]+/)).filter(Boolean))];
  if (names.length === 0) throw invalidRequest('claims is empty');
  if (names.length > MAX_CLAIMS) throw invalidRequest(`claims names more than ${MAX_CLAIMS} claims`);
  const reserved = names.find(isReservedClaim);
  if (reserved !== undefined) throw invalidRequest(`claims names ${reserved}, which is not a static claim`);
  if (names.some((name) => name.length > MAX_NAME_CHARACTERS || !/^[\x21-\x7E]+$/.test(name))) {
    throw invalidRequest('claims contains an invalid name');
  }
  const headers = new Map<string, string>();
  for (const name of names) {
    const other = headers.get(headerOf(name));
    if (other !== undefined) {
      throw invalidRequest(`claims ${printable(other)} and ${printable(name)} would share a header`);
    }
    headers.set(headerOf(name), name);
  }
  return names;
}

/** Part of the claims could be mistaken for all, so if they are too long none is sent, and the response says so. */
export function claimHeaders(claims: Claims): Record<string, string> {
  const headers: Record<string, string> = {};
  let bytes = 0;
  for (const name in claims) {
    const header = headerOf(name);
    const value = headerValue(claims[name]);
    headers[header] = value;
    bytes += header.length + value.length;
  }
  return bytes > MAX_HEADERS_BYTES ? { 'x-claims-omitted': 'too-long' } : headers;
}

/** `https://example.com/tenant_id` becomes `x-claim-https-example-com-tenant-id`. */
const headerOf = (name: string): string =>
  `x-claim-${name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')}`;

/** Plain text as it is, everything else as JSON in ASCII. */
const headerValue = (value: unknown): string =>
  typeof value === 'string' && PLAIN.test(value)
    ? value
    : JSON.stringify(value).replace(
        BEYOND_ASCII,
        (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
      );

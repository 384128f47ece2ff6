import { isPublicAddress, literalAddress } from '../../../config/public-address.js';

const MAX_CHARACTERS = 2048;
/** Stricter than the URL parser: two slashes, no surrounding spaces. */
const ABSOLUTE = /^(https?):\/\/\S+$/i;

/** What is wrong with a client's jwks_uri; undefined if it is valid. */
export function jwksUriFault(value: unknown, allowPrivate: boolean): string | undefined {
  if (typeof value !== 'string' || value.length > MAX_CHARACTERS || !URL.canParse(value)) {
    return `must be an absolute URL of at most ${MAX_CHARACTERS} characters`;
  }
  const scheme = ABSOLUTE.exec(value)?.[1]?.toLowerCase();
  if (scheme !== 'https' && !(allowPrivate && scheme === 'http')) return 'must start with https://';
  const url = new URL(value);
  if (url.username || url.password || value.includes('#'))
    return 'must not contain user information or a fragment';
  return undefined;
}

/** Why a valid one could never be fetched; names are resolved when it is. */
export function privateAddressFault(uri: string): string | undefined {
  const literal = literalAddress(new URL(uri));
  return literal === undefined || isPublicAddress(literal)
    ? undefined
    : `must not be a private, loopback or reserved address (${literal}), unless LATCHKEY_PRIVATE_JWKS_URI=allow`;
}

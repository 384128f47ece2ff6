import { isUtf8 } from 'node:buffer';
import { decodeJwt, decodeProtectedHeader, type JWTPayload } from 'jose';
import {
  type AssertionAlg,
  type AssertionType,
  isAssertionAlg,
  JWT_BEARER,
  JWT_BEARER_GRANT,
  JWT_SPIFFE,
} from '../../protocol/client-assertion.js';
import { parseJson, repeatedMember } from '../../protocol/json-text.js';
import { AssertionRefusal } from './assertion-refusal.js';

/** A parsed, unverified client assertion. */
export interface Assertion {
  jwt: string;
  alg: AssertionAlg;
  kid: string | undefined;
  claims: JWTPayload;
}

const MAX_CHARACTERS = 8 * 1024;
const COMPACT_JWS = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;

/** A key in the header, or its URL, proves nothing: an attacker can write it (RFC 8725 3.10). */
const KEY_HEADERS = ['jwk', 'jku', 'x5c', 'x5u'];

/** The use of an assertion: the client's authentication, or the grant. */
type Purpose = AssertionType | typeof JWT_BEARER_GRANT;

const TYPES: Readonly<Record<Purpose, readonly unknown[]>> = {
  [JWT_BEARER]: ['jwt', 'client-authentication+jwt'],
  // JWT-SVID 2.3.
  [JWT_SPIFFE]: ['jwt', 'jose'],
  // draft-ietf-oauth-rfc7523bis 4.
  [JWT_BEARER_GRANT]: ['jwt', 'jose', 'authorization-grant+jwt'],
};

/** Parses a compact JWS without verifying it; throws AssertionRefusal for one that no key could make valid. */
export function readAssertion(jwt: string, type: Purpose = JWT_BEARER): Assertion {
  if (jwt.length > MAX_CHARACTERS) throw new AssertionRefusal('it is too long');
  if (!COMPACT_JWS.test(jwt)) throw new AssertionRefusal('it is not a compact JWS');
  const [head = '', payload = ''] = jwt.split('.');
  for (const segment of [head, payload]) assertUnambiguous(segment);
  const { alg, kid, typ, crit, b64, ...header } = decoded(() => decodeProtectedHeader(jwt));
  if (!isAssertionAlg(alg)) throw new AssertionRefusal('its alg is not supported');
  // No extension is supported, so a critical one is rejected (RFC 7515 4.1.11).
  if (crit !== undefined || b64 !== undefined)
    throw new AssertionRefusal('its header contains crit or b64, which are not supported');
  if (KEY_HEADERS.some((name) => name in header))
    throw new AssertionRefusal('its header contains a key (jwk, jku, x5c or x5u), which is not allowed');
  if (kid !== undefined && typeof kid !== 'string') throw new AssertionRefusal('its kid is not a string');
  // A JWT that was signed for another purpose is no assertion (RFC 8725 3.11).
  if (typ !== undefined && !isType(typ, type))
    throw new AssertionRefusal('its typ is not that of a client assertion');
  return { jwt, alg, kid, claims: decoded(() => decodeJwt(jwt)) };
}

/** The same, but the refusal is returned. */
export function parseAssertion(jwt: string, type?: Purpose): Assertion | AssertionRefusal {
  try {
    return readAssertion(jwt, type);
  } catch (error) {
    if (error instanceof AssertionRefusal) return error;
    throw error;
  }
}

/** The unverified subject of an assertion; empty if it has none. */
export function subjectOf(parsed: Assertion | AssertionRefusal): string {
  const sub = parsed instanceof AssertionRefusal ? undefined : parsed.claims.sub;
  return typeof sub === 'string' ? sub : '';
}

/** The signed text must have one meaning for every parser (RFC 7515 4, RFC 7519 4). */
function assertUnambiguous(segment: string): void {
  const bytes = Buffer.from(segment, 'base64url');
  if (!isUtf8(bytes)) throw new AssertionRefusal('it is not UTF-8');
  const text = bytes.toString('utf8');
  decoded(() => parseJson(text));
  if (repeatedMember(text) !== undefined) throw new AssertionRefusal('it contains a member twice');
}

const isType = (typ: unknown, type: Purpose): boolean =>
  typeof typ === 'string' && TYPES[type].includes(typ.toLowerCase().replace(/^application\//, ''));

function decoded<T>(decode: () => T): T {
  try {
    return decode();
  } catch {
    throw new AssertionRefusal('it cannot be decoded');
  }
}

import { isUtf8 } from 'node:buffer';
import { decodeJwt, decodeProtectedHeader, type JWTPayload } from 'jose';
import { type AssertionAlg, isAssertionAlg } from '../../protocol/client-assertion.js';
import { parseJson, repeatedMember } from '../../protocol/json-text.js';
import { AssertionRefusal } from './assertion-refusal.js';

/** A JWT that claims to come from a client; nothing of it is proven yet. */
export interface Assertion {
  jwt: string;
  alg: AssertionAlg;
  kid: string | undefined;
  claims: JWTPayload;
}

const LONGEST = 8 * 1024;
const COMPACT_JWS = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;

/** A key in the header, or the address of one, is a key of whoever wrote the header (RFC 8725 3.10). */
const BRINGS_A_KEY = ['jwk', 'jku', 'x5c', 'x5u'];

const TYPES: readonly unknown[] = ['jwt', 'client-authentication+jwt'];

/** Reads a compact JWS without believing it; throws AssertionRefusal for what could never be taken. */
export function readAssertion(jwt: string): Assertion {
  if (jwt.length > LONGEST) throw new AssertionRefusal('it is too long');
  if (!COMPACT_JWS.test(jwt)) throw new AssertionRefusal('it is not a compact JWS');
  const [head = '', payload = ''] = jwt.split('.');
  for (const segment of [head, payload]) refuseAmbiguous(segment);
  const { alg, kid, typ, crit, b64, ...header } = decoded(() => decodeProtectedHeader(jwt));
  if (!isAssertionAlg(alg)) throw new AssertionRefusal('its alg is not supported');
  // No extension is understood here, so a critical one is refused (RFC 7515 4.1.11).
  if (crit !== undefined || b64 !== undefined)
    throw new AssertionRefusal('its header contains crit or b64, which are not supported');
  if (BRINGS_A_KEY.some((name) => name in header))
    throw new AssertionRefusal('its header contains a key (jwk, jku, x5c or x5u), which is not allowed');
  if (kid !== undefined && typeof kid !== 'string') throw new AssertionRefusal('its kid is not a string');
  // A JWT that was signed for something else is no assertion (RFC 8725 3.11).
  if (typ !== undefined && !isType(typ))
    throw new AssertionRefusal('its typ is not that of a client assertion');
  return { jwt, alg, kid, claims: decoded(() => decodeJwt(jwt)) };
}

/** Whom a JWT names, believed or not; empty where it names nobody. */
export function readSubject(jwt: string): string {
  try {
    const { sub } = readAssertion(jwt).claims;
    return typeof sub === 'string' ? sub : '';
  } catch (error) {
    if (error instanceof AssertionRefusal) return '';
    throw error;
  }
}

/** What is signed must not read differently here and where it was looked at before (RFC 7515 4, RFC 7519 4). */
function refuseAmbiguous(segment: string): void {
  const bytes = Buffer.from(segment, 'base64url');
  if (!isUtf8(bytes)) throw new AssertionRefusal('it is not UTF-8');
  const text = bytes.toString('utf8');
  decoded(() => parseJson(text));
  if (repeatedMember(text) !== undefined) throw new AssertionRefusal('it contains a member twice');
}

const isType = (typ: unknown): boolean =>
  typeof typ === 'string' && TYPES.includes(typ.toLowerCase().replace(/^application\//, ''));

function decoded<T>(decode: () => T): T {
  try {
    return decode();
  } catch {
    throw new AssertionRefusal('it cannot be decoded');
  }
}

import { UNSTORABLE } from '../../protocol/unstorable.js';
import type { ClaimValue } from './trusted-issuer.js';

/*
 * Claims in rules, by name (`repository`, `https://example.com/tenant`) or, if the name begins with a slash, by JSON
 * Pointer (RFC 6901: `/kubernetes.io/namespace`, `/https:~1~1sts.amazonaws.com~1/aws_account`).
 */

const MAX_NAME_CHARACTERS = 512;
const MAX_VALUE_CHARACTERS = 1024;
const MAX_ALTERNATIVES = 50;

type Claims = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Claims => typeof value === 'object' && value !== null;

/** The fault of a claim name in a rule; undefined if it is valid. */
export function claimNameFault(name: unknown): string | undefined {
  if (typeof name !== 'string' || name === '' || name.length > MAX_NAME_CHARACTERS)
    return `must be the name of a claim or a JSON Pointer, of at most ${MAX_NAME_CHARACTERS} characters`;
  if (UNSTORABLE.test(name)) return 'contains a control character or an unpaired surrogate';
  if (!name.startsWith('/')) return undefined;
  if (/~(?![01])/.test(name)) return 'is not a JSON Pointer: write ~ as ~0 and / as ~1 (RFC 6901)';
  return /^\/[a-z]+:\/\//.test(name)
    ? 'would look for the parts of a URL: in a JSON Pointer, write its / as ~1 (RFC 6901)'
    : undefined;
}

/** The fault of a claim value in a rule, or of a list of alternatives; undefined if it is valid. */
export function claimValueFault(value: unknown): string | undefined {
  const isList = Array.isArray(value);
  if (isList && (value.length === 0 || value.length > MAX_ALTERNATIVES))
    return `must be a value, or a list of 1 to ${MAX_ALTERNATIVES}`;
  const isRight = (isList ? value : [value]).every(isValue);
  return isRight
    ? undefined
    : `must be a string of 1 to ${MAX_VALUE_CHARACTERS} characters, a number, true or false, or a list of these`;
}

const isValue = (value: unknown): value is ClaimValue =>
  typeof value === 'boolean' ||
  (typeof value === 'number' && Number.isFinite(value)) ||
  (typeof value === 'string' && value !== '' && value.length <= MAX_VALUE_CHARACTERS);

/** A claim of an assertion; undefined if it has none. A name that every object inherits is none. */
export function claimAt(claims: Claims, name: string): unknown {
  if (!name.startsWith('/')) return Object.hasOwn(claims, name) ? claims[name] : undefined;
  let value: unknown = claims;
  for (const part of name.slice(1).split('/')) {
    const member = part.replaceAll('~1', '/').replaceAll('~0', '~');
    if (!isObject(value) || Array.isArray(value) || !Object.hasOwn(value, member)) return undefined;
    value = value[member];
  }
  return value;
}

/**
 * Whether a claim has a demanded value, of the same type: GitLab's "true" is not true. A claim that is a list, such as
 * groups or AWS's tags, has it among its items.
 */
export function meetsDemand(claim: unknown, demanded: ClaimValue | readonly ClaimValue[]): boolean {
  const alternatives: readonly unknown[] = Array.isArray(demanded) ? demanded : [demanded];
  return Array.isArray(claim)
    ? claim.some((item) => alternatives.includes(item))
    : alternatives.includes(claim);
}

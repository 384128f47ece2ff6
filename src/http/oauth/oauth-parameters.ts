import { isUtf8 } from 'node:buffer';
import { parseJson, repeatedMember, TooDeep } from '../../protocol/json-text.js';
import { invalidRequest } from '../../protocol/oauth-error.js';
import { AdmissionCache } from '../../runtime/admission-cache.js';
import { isReadableCharset, isUtf8Charset, readMediaType } from '../request/media-type.js';
import { parseForm } from './form-text.js';

const MAX_BODY_BYTES = 64 * 1024;

/** The parameters that this server reads; all others are ignored (RFC 6749 3.2). */
const KNOWN = [
  'grant_type',
  'scope',
  'audience',
  'refresh_token',
  'token',
  'token_type_hint',
  'client_id',
  'client_secret',
  'client_assertion',
  'client_assertion_type',
  'assertion',
] as const;

type KnownParameter = (typeof KNOWN)[number];

const KNOWN_NAMES: ReadonlySet<string> = new Set([...KNOWN, 'resource']);

/** The parameters of a request, each at most once; an empty one counts as omitted (RFC 6749 3.2). */
export type OAuthParameters = { readonly [name in KnownParameter]?: string } & {
  readonly resource: readonly string[];
};

type Fields = Record<string, unknown>;

const FORMATS: ReadonlyMap<string, 'form' | 'json'> = new Map([
  ['application/x-www-form-urlencoded', 'form'],
  ['application/json', 'json'],
]);

const hasByteOrderMark = (bytes: Buffer): boolean =>
  bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;

/**
 * Machines repeat the same request: its form is parsed once, and the result is shared. Forms with credentials or
 * unknown parameters are not cached.
 */
const formsReadBefore = new AdmissionCache<OAuthParameters>({ max: 1000 });
const WITHOUT_CREDENTIAL: ReadonlySet<string> = new Set(['grant_type', 'scope', 'audience', 'resource']);
const MAX_KEPT_CHARACTERS = 512;

/**
 * Parses the body of a request to an OAuth endpoint: a form or JSON, by the same rules. URL parameters are ignored.
 */
export function readParameters(
  contentType: string | undefined,
  body: Buffer | undefined,
  contentEncoding?: string,
): OAuthParameters {
  const bytes = body ?? Buffer.alloc(0);
  // RFC 9110 8.4: without decoding, these are not the bytes that were meant.
  if (contentEncoding && contentEncoding.toLowerCase() !== 'identity') {
    throw invalidRequest('the body must not be compressed or otherwise encoded', 415);
  }
  const format = formatOf(contentType, bytes);
  if (bytes.length > MAX_BODY_BYTES) throw invalidRequest('the body is larger than 64 KiB', 413);
  if (!isUtf8(bytes)) throw invalidRequest('the body is not UTF-8');
  const text = bytes.toString('utf8', hasByteOrderMark(bytes) ? 3 : 0);
  return format === 'form' ? readForm(text) : pick(readJson(text));
}

export const OAUTH_TYPES = 'application/x-www-form-urlencoded or application/json';

function formatOf(contentType: string | undefined, body: Buffer): 'form' | 'json' {
  if (contentType === undefined && body.length === 0) return 'form';
  const type = readMediaType(contentType ?? '');
  const format = type && FORMATS.get(type.essence);
  if (!type || !format) {
    const missing = contentType === undefined ? 'the request has no Content-Type header: ' : '';
    throw invalidRequest(`${missing}the body must be ${OAUTH_TYPES}, in UTF-8`, 415);
  }
  if (!isReadableCharset(type)) {
    throw invalidRequest(
      'the charset of the body must be UTF-8: remove the parameter or send charset=utf-8',
      415,
    );
  }
  if (!isUtf8Charset(type, body))
    throw invalidRequest('the body must be UTF-8, whatever its charset parameter says');
  return format;
}

/** A token is nearly all of its body and contains nothing encoded (RFC 6750 2.1). */
const TOKEN_FIRST = /^token=([\w.~-]+)(?:&|$)/;

/** A leading token is cut off in one piece, because the parser examines each character. */
function parsed(text: string): Fields {
  const [beginning, token] = TOKEN_FIRST.exec(text) ?? [];
  if (beginning === undefined) return decoded(text, 0);
  const fields = decoded(text.slice(beginning.length), 1);
  if (Object.hasOwn(fields, 'token')) throw repeated('token');
  fields.token = token;
  return fields;
}

function decoded(text: string, before: number): Fields {
  const { fields, undecodable } = parseForm(text);
  if (!undecodable) return fields;
  const { name, position } = undecodable;
  const which = KNOWN_NAMES.has(name) ? name : `parameter ${position + before}`;
  throw invalidRequest(`${which} is not percent-encoded UTF-8`);
}

function readForm(text: string): OAuthParameters {
  if (text.length > MAX_KEPT_CHARACTERS) return pick(unambiguous(parsed(text)));
  const before = formsReadBefore.get(text);
  if (before) return before;
  const fields = unambiguous(parsed(text));
  const parameters = pick(fields);
  if (Object.keys(fields).every((name) => WITHOUT_CREDENTIAL.has(name))) {
    Object.freeze(parameters.resource);
    formsReadBefore.set(text, Object.freeze(parameters));
  }
  return parameters;
}

function unambiguous(fields: Fields): Fields {
  for (const name in fields) {
    if (typeof fields[name] !== 'string' && name !== 'resource' && KNOWN_NAMES.has(name))
      throw repeated(name);
    // Some frameworks spell a list as scope[]: ignoring it would grant something else than was meant.
    if (name.includes('[') && KNOWN_NAMES.has(name.slice(0, name.indexOf('[')))) {
      throw invalidRequest('parameter names must not contain brackets');
    }
  }
  return fields;
}

const FORM_START = /^[\w-]{1,40}=/;

function readJson(text: string): Fields {
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (error) {
    if (error instanceof TooDeep) throw invalidRequest(`the body is ${error.message}`);
    const hint = FORM_START.test(text) ? '; send a form as application/x-www-form-urlencoded' : '';
    throw invalidRequest(`the body is not JSON${hint}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalidRequest('the body must be a JSON object');
  }
  // JSON.parse takes the last of two equal members (RFC 8259 4); here that is a repeated parameter.
  const name = repeatedMember(text, (name, depth) => depth === 1 && KNOWN_NAMES.has(name));
  if (name !== undefined) throw repeated(name);
  return value as Fields;
}

function pick(fields: Fields): OAuthParameters {
  const parameters: { -readonly [name in keyof OAuthParameters]: OAuthParameters[name] } = {
    resource: readResources(own(fields, 'resource')),
  };
  for (const name of KNOWN) {
    const value = own(fields, name);
    if (value === undefined || value === '') continue;
    if (typeof value !== 'string') throw invalidRequest(`${name} must be a string`);
    parameters[name] = value;
  }
  return parameters;
}

function readResources(value: unknown): string[] {
  const values = Array.isArray(value) ? value : value === undefined ? [] : [value];
  if (!values.every((resource): resource is string => typeof resource === 'string')) {
    throw invalidRequest('resource must be a string or a list of strings');
  }
  return values.filter((resource) => resource !== '');
}

const own = (fields: Fields, name: string): unknown =>
  Object.hasOwn(fields, name) ? fields[name] : undefined;

const repeated = (name: string) => invalidRequest(`${name} occurs more than once`);

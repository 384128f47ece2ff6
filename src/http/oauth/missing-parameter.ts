import type { FastifyRequest } from 'fastify';
import { invalidRequest, type OAuthError } from '../../protocol/oauth-error.js';
import type { Endpoint } from './dialect-endpoints.js';

type Required = Endpoint['requiredParameter'];

/** Only the beginning of a body is searched: a hint is not worth more. */
const MAX_READ_BYTES = 4096;

/** Names that clients send by mistake; other cases and separators are matched without being listed. */
const OTHER_NAMES: Readonly<Record<Required, ReadonlySet<string>>> = {
  grant_type: new Set(['granttype', 'granttypes', 'grant', 'gty']),
  token: new Set(['token', 'tokens', 'accesstoken', 'refreshtoken', 'idtoken', 'bearer', 'jwt']),
};

/** The error for a request without its required parameter, with a hint if the cause is recognisable. */
export function missingParameter(name: Required, request: FastifyRequest): OAuthError {
  const hint = hintFor(name, request);
  return invalidRequest(hint === undefined ? `${name} is required` : `${name} is required; ${hint}`);
}

function hintFor(name: Required, { url, headers, body }: FastifyRequest): string | undefined {
  const text = Buffer.isBuffer(body) ? body.toString('utf8', 0, MAX_READ_BYTES) : '';
  const isJson = headers['content-type']?.toLowerCase().includes('json') === true;
  if (!isJson && text.trimStart().startsWith('{')) {
    return 'the body looks like JSON: send it with Content-Type: application/json';
  }
  const other = namesIn(text, isJson).find((one) => one !== name && isMeantAs(name, one));
  if (other !== undefined) return `the body contains ${other} instead`;
  return url.includes(`?${name}=`) || url.includes(`&${name}=`)
    ? 'send it in the body, not in the query'
    : undefined;
}

const isMeantAs = (name: Required, other: string): boolean =>
  OTHER_NAMES[name].has(other.replace(/[-_]/g, '').toLowerCase());

/** The names of parameters in a form or in JSON, if they are not escaped. */
const namesIn = (text: string, isJson: boolean): string[] =>
  [...text.matchAll(isJson ? JSON_NAME : FORM_NAME)].flatMap(([, name]) => name ?? []);

const JSON_NAME = /"([\w-]{1,40})"\s*:/g;
const FORM_NAME = /(?:^|&)([\w-]{1,40})=/g;

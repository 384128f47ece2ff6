import { BearerError, invalidToken, tokenRequired } from '../../protocol/bearer-error.js';

const BEARER = /^Bearer +([A-Za-z0-9._~+/-]+=*)$/i;
const OUTSIDE_QUOTED = /[^\x20-\x21\x23-\x5B\x5D-\x7E]/g;

/** The token of an Authorization header (RFC 6750 2.1); accepted nowhere else. */
export function readBearerToken(authorization: string | undefined): string {
  // A header of another scheme is not a token: the challenge has no error code then (RFC 6750 3.1).
  if (authorization === undefined || !/^bearer(?: |$)/i.test(authorization)) throw tokenRequired();
  const token = BEARER.exec(authorization)?.[1];
  if (token === undefined) throw invalidToken();
  return token;
}

/** The challenge of a rejection (RFC 6750 3); without an error if the request had no credentials. */
export function bearerChallenge({ code, description, scope, resourceMetadata }: BearerError): string {
  const attributes = [
    ['realm', 'latchkey'],
    ...(code === undefined
      ? []
      : [
          ['error', code],
          ['error_description', description],
        ]),
    ...(resourceMetadata === undefined ? [] : [['resource_metadata', resourceMetadata]]),
    ...(scope === undefined ? [] : [['scope', scope]]),
  ] as [string, string][];
  return `Bearer ${attributes.map(([name, value]) => `${name}="${value.replace(OUTSIDE_QUOTED, '?')}"`).join(', ')}`;
}

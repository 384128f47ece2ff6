import { invalidToken, severalTokens } from './refusal.js';

/** The part of a request that the guard reads; requests of Node, Express and Fastify all have it. */
export interface HttpRequest {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Names and values, as received; without it a second Authorization header is not detected, because Node drops it. */
  readonly rawHeaders?: readonly string[];
  /** The request of Node, if a framework wraps it. */
  readonly raw?: { readonly rawHeaders?: readonly string[] };
  readonly url?: string | undefined;
  readonly body?: unknown;
}

const BEARER_SCHEME = /^Bearer(?: +|$)/i;
const TOKEN = /^[A-Za-z0-9._~+/-]+=*$/;

/** The token of the Authorization header only (RFC 6750 2.1); undefined if there is none. */
export function bearerTokenOf(request: HttpRequest): string | undefined {
  const { authorization } = request.headers;
  if (Array.isArray(authorization) || countAuthorizations(request) > 1) throw severalTokens();
  if (!authorization || !BEARER_SCHEME.test(authorization)) return undefined;
  const token = authorization.replace(BEARER_SCHEME, '');
  if (token === '') return undefined;
  // A proxy may join two headers into one with a comma.
  if (token.includes(',') || isSentOtherwise(request)) throw severalTokens();
  if (!TOKEN.test(token)) throw invalidToken('the access token is malformed');
  return token;
}

function countAuthorizations({ rawHeaders, raw }: HttpRequest): number {
  const names = (rawHeaders ?? raw?.rawHeaders ?? []).filter((_, position) => position % 2 === 0);
  return names.filter((name) => name.toLowerCase() === 'authorization').length;
}

/** RFC 6750 2: a request must not send the token in more than one way; the other ways are never accepted. */
function isSentOtherwise({ url = '', headers, body }: HttpRequest): boolean {
  const query = url.indexOf('?');
  if (query >= 0 && new URLSearchParams(url.slice(query)).has('access_token')) return true;
  const isForm = /^application\/x-www-form-urlencoded\b/i.test(String(headers['content-type']));
  return isForm && typeof body === 'object' && body !== null && 'access_token' in body;
}

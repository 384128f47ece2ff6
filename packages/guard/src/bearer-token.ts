import { invalidToken, severalTokens } from './refusal.js';

/** What the guard reads of a request: the requests of Node, Express and Fastify all have it. */
export interface HttpRequest {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Names and values in turn, as they arrived; without it a second header goes unseen, for Node keeps the first. */
  readonly rawHeaders?: readonly string[];
  /** Node's own request, where a framework wraps it. */
  readonly raw?: { readonly rawHeaders?: readonly string[] };
  readonly url?: string | undefined;
  readonly body?: unknown;
}

const BEARER_SCHEME = /^Bearer(?: +|$)/i;
const TOKEN = /^[A-Za-z0-9._~+/-]+=*$/;

/** The token of the Authorization header (RFC 6750 2.1), from nowhere else; nothing when none came. */
export function bearerTokenOf(request: HttpRequest): string | undefined {
  const { authorization } = request.headers;
  if (Array.isArray(authorization) || timesSent(request) > 1) throw severalTokens();
  if (!authorization || !BEARER_SCHEME.test(authorization)) return undefined;
  const token = authorization.replace(BEARER_SCHEME, '');
  if (token === '') return undefined;
  // A proxy may join two headers into one with a comma.
  if (token.includes(',') || isSentOtherwise(request)) throw severalTokens();
  if (!TOKEN.test(token)) throw invalidToken('the access token is malformed');
  return token;
}

function timesSent({ rawHeaders, raw }: HttpRequest): number {
  const names = (rawHeaders ?? raw?.rawHeaders ?? []).filter((_, position) => position % 2 === 0);
  return names.filter((name) => name.toLowerCase() === 'authorization').length;
}

/** RFC 6750 2: no more than one way to send a token in a request; the others are never read as one. */
function isSentOtherwise({ url = '', headers, body }: HttpRequest): boolean {
  const query = url.indexOf('?');
  if (query >= 0 && new URLSearchParams(url.slice(query)).has('access_token')) return true;
  const isForm = /^application\/x-www-form-urlencoded\b/i.test(String(headers['content-type']));
  return isForm && typeof body === 'object' && body !== null && 'access_token' in body;
}

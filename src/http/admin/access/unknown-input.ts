import { type Fault, unreadable } from '../../../protocol/problem.js';
import type { AdminRequest } from '../caller/admin-request.js';
import { readQuery } from './query-string.js';
import { DRY_RUN, inputOf, type RouteInput } from './takes.js';

const WITH_BODY: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH']);
const UNSAFE: ReadonlySet<string> = new Set([...WITH_BODY, 'DELETE']);

/**
 * Throws 400 for query parameters and conditions that the route does not accept: ignoring one would change the
 * request's meaning.
 */
export function assertKnownInput({ method, url, headers, routeOptions }: AdminRequest): void {
  const input = inputOf(routeOptions.config);
  const faults = unknownParameters(input, method, url);
  if (faults.length > 0) throw unreadable('the query contains unsupported or invalid parameters', faults);
  if (UNSAFE.has(method)) assertSupportedConditions(input, headers);
  else if (Number(headers['content-length'] ?? 0) > 0) {
    throw unreadable(`a ${method} request must have no body; use the path and query`);
  }
}

/** Throws 400 for the body of a deletion: it could have been meant to narrow the deletion. */
export function assertNoBodyOfDeletion({ body }: AdminRequest): void {
  if (Buffer.isBuffer(body) && body.length > 0) {
    throw unreadable('a DELETE request must have no body; name what to delete in the path and query');
  }
}

function unknownParameters({ query = [] }: RouteInput, method: string, url: string): Fault[] {
  if (query === 'search') return [];
  const faults = new Map<string, Fault>();
  const seen = new Set<string>();
  for (const [path] of readQuery(url)) {
    if (!query.includes(path)) faults.set(path, { path, message: notTaken(query, method, path) });
    else if (seen.has(path)) faults.set(path, { path, message: 'occurs more than once' });
    seen.add(path);
  }
  return [...faults.values()];
}

function notTaken(query: readonly string[], method: string, path: string): string {
  const taken = query.length === 0 ? 'no query parameters' : `only ${query.join(', ')}`;
  if (path === DRY_RUN)
    return `is not supported: only a DELETE or a Bundle can be a dry run; this endpoint accepts ${taken}`;
  const place = WITH_BODY.has(method) ? '; send members in the body' : '';
  return `is not supported: this endpoint accepts ${taken}${place}`;
}

const ETAG_CONDITIONS = ['if-match', 'if-none-match'];

/** A write that ignored one of these would cause the lost update it is meant to prevent (RFC 9110 13, 14.5). */
const UNSUPPORTED = ['if-unmodified-since', 'if-modified-since', 'if-range', 'content-range'];

function assertSupportedConditions(
  { preconditions = false }: RouteInput,
  headers: AdminRequest['headers'],
): void {
  const refused = preconditions ? UNSUPPORTED : [...UNSUPPORTED, ...ETAG_CONDITIONS];
  const name = refused.find((one) => headers[one] !== undefined);
  if (name === undefined) return;
  const instead = preconditions ? 'use If-Match with the ETag of the resource' : 'omit it';
  throw unreadable(`the header ${name} is not supported here; ${instead}`);
}

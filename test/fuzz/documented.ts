import { operations } from '../support/openapi.js';

/** What a request may be answered with before it is anybody's: it cannot be read, or is too long. */
const UNREADABLE = [400, 408, 413, 414, 417, 431];
/** At an address or by a method that the document does not have. */
const NOWHERE = [400, 401, 403, 404, 405, 413, 414, 415];

const PLACES = operations.map(({ method, path, statuses }) => ({
  method,
  statuses,
  pattern: new RegExp(`^${path.replace(/[.$]/g, '\\$&').replace(/\{\w+\}/g, '[^/$][^/]*')}$`),
}));

function decoded(path: string): string {
  try {
    // A slash that is percent-encoded parts nothing; an operation is written with $ or %24.
    return decodeURI(path.replaceAll('%24', '$'));
  } catch {
    return path;
  }
}

/** The statuses that docs/openapi.yaml lists for this request line. */
export function documentedStatuses(method: string, target: string, readable: boolean): Set<number> {
  // The well-known documents are served at two slashes too, as an issuer that ends with one makes them.
  const path = decoded((target.split('?', 1)[0] as string).replace(/^\/(?=\/\.well-known\/)/, ''));
  // HEAD is GET without its body (RFC 9110 9.3.2).
  const asked = method === 'HEAD' ? 'GET' : method;
  const known = PLACES.filter((place) => place.method === asked && place.pattern.test(path));
  const statuses = known.length > 0 ? known.flatMap((place) => place.statuses) : [...NOWHERE];
  // Metadata is also found where clients look for that of an issuer with a path or a slash.
  if (path.includes('/.well-known/')) statuses.push(200);
  return new Set([...statuses, ...(readable ? [414, 431] : UNREADABLE)].filter((status) => status < 500));
}

import type { IncomingHttpHeaders } from 'node:http';

const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** What Sec-Fetch-Site says of a page of this origin, and of an address that a person typed (Fetch Metadata 2.3). */
const OWN_SITES: ReadonlySet<string> = new Set(['same-origin', 'none']);

/**
 * Whether a page of another origin asks for a change. A browser adds its cached Basic credentials to such a request by
 * itself, so they do not prove what the person wanted. Programs send neither header.
 */
export function isForeignChange(method: string, headers: IncomingHttpHeaders, ownOrigin: string): boolean {
  if (SAFE_METHODS.has(method)) return false;
  return isFromForeignPage(headers) || (headers.origin !== undefined && headers.origin !== ownOrigin);
}

/**
 * Whether a page of another site makes a browser send this request. Only browsers write Sec-Fetch-Site, and no page can
 * change it; some programs send an Origin, so that says nothing here.
 */
export function isFromForeignPage({ 'sec-fetch-site': site }: IncomingHttpHeaders): boolean {
  return site !== undefined && !OWN_SITES.has(String(site));
}

/**
 * Whether a browser sends this request. It must not be challenged for Basic: it would ask the person for credentials and
 * send them along with every later request, those of foreign pages included. `fetch` of Node sends Sec-Fetch-Mode alone.
 */
export function isFromBrowser(headers: IncomingHttpHeaders): boolean {
  return (
    headers['sec-fetch-site'] !== undefined ||
    headers['sec-fetch-dest'] !== undefined ||
    headers['sec-fetch-mode'] === 'navigate' ||
    headers.origin !== undefined ||
    headers.accept?.toLowerCase().includes('text/html') === true
  );
}

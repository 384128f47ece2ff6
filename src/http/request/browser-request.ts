import type { IncomingHttpHeaders } from 'node:http';

const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Sec-Fetch-Site for a page of this origin, and for an address that a user typed (Fetch Metadata 2.3). */
const OWN_SITES: ReadonlySet<string> = new Set(['same-origin', 'none']);

/**
 * Whether a page of another origin requests a change, or a read whose time it could measure. A browser adds cached Basic
 * credentials to such a request, so they do not prove the user's intent. Programs send none of these headers.
 */
export function isForeignRequest(method: string, headers: IncomingHttpHeaders, ownOrigin: string): boolean {
  const hasForeignOrigin = headers.origin !== undefined && headers.origin !== ownOrigin;
  if (!SAFE_METHODS.has(method)) return isFromForeignPage(headers) || hasForeignOrigin;
  // Browsers send no Sec-Fetch-Site with a WebSocket handshake (RFC 6455 4.1); its Origin alone names the page.
  return (isFromForeignPage(headers) && !isNavigation(headers)) || (hasForeignOrigin && 'upgrade' in headers);
}

/** Whether the user follows a link to here; a frame is part of the page that contains it. */
const isNavigation = ({
  'sec-fetch-mode': mode,
  'sec-fetch-dest': destination = 'document',
}: IncomingHttpHeaders): boolean => mode === 'navigate' && destination === 'document';

/**
 * Whether a page of another site makes a browser send this request. Only browsers send Sec-Fetch-Site, and no page
 * can change it; some programs send an Origin, so that proves nothing here.
 */
export function isFromForeignPage({ 'sec-fetch-site': site }: IncomingHttpHeaders): boolean {
  return site !== undefined && !OWN_SITES.has(String(site));
}

/**
 * The same over plain HTTP, where browsers omit Sec-Fetch headers and only Origin names the page. Programs that send an
 * Origin send no Accept-Language, or like Node's `fetch` a Sec-Fetch-Mode, too.
 */
export function isFromForeignOrigin(headers: IncomingHttpHeaders, ownOrigin: string): boolean {
  const { origin, host = '' } = headers;
  if (origin === undefined || origin === ownOrigin || origin.endsWith(`://${host}`)) return false;
  return headers['accept-language'] !== undefined && headers['sec-fetch-mode'] === undefined;
}

/**
 * Whether a page may have made a browser send this request, also over plain HTTP, where browsers omit Sec-Fetch headers. They
 * name the origin of every change; with a read they send Accept-Language, which no page can remove, as it cannot add a
 * Sec-Fetch-Mode like that of Node's `fetch`.
 */
export function maySendForPage(method: string, headers: IncomingHttpHeaders): boolean {
  if (headers.origin !== undefined || headers['sec-fetch-site'] !== undefined) return true;
  const isOfBrowser = headers['accept-language'] !== undefined && headers['sec-fetch-mode'] === undefined;
  return isOfBrowser && SAFE_METHODS.has(method);
}

/**
 * Whether a browser sends this request. It must not get a Basic challenge: it would ask the user for credentials and
 * send them with every later request, including those of foreign pages. Node's `fetch` sends Sec-Fetch-Mode alone.
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

import { InvalidSetting } from './invalid-setting.js';
import { settingReader } from './setting-reader.js';

/**
 * RFC 3986 3: a URI without user, query and fragment. `URL` would repair an invalid URI, but the text itself is
 * published.
 */
export const PLAIN_HTTP_URI =
  /^https?:\/\/(\[[\dA-F:.]+\]|([\w.~!$&'()*+,;=-]|%[\dA-F]{2})+)(:\d*)?(\/([\w.~!$&'()*+,;=:@/-]|%[\dA-F]{2})*)?$/i;

function readUrl(name: string, value: string): URL {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new InvalidSetting(name, 'must be a URL that starts with http:// or https://');
  }
  if (url.username || url.password || value.includes('?') || value.includes('#')) {
    throw new InvalidSetting(name, 'must not contain user information, a query or a fragment (RFC 8414 2)');
  }
  if (!PLAIN_HTTP_URI.test(value)) {
    throw new InvalidSetting(name, 'must be a URI: percent-encode all other characters (RFC 3986 2)');
  }
  return url;
}

/** The address that clients use; defaults to this machine's. */
export function readPublicUrl(
  value: string | undefined,
  port: number,
  tls: boolean,
  plainHttpAllowed: boolean,
): string {
  if (value === undefined) return `${tls ? 'https' : 'http'}://localhost:${port}`;
  const url = readUrl('LATCHKEY_PUBLIC_URL', value);
  if (url.pathname !== '/') throw new InvalidSetting('LATCHKEY_PUBLIC_URL', 'must not contain a path');
  // RFC 8414 2, RFC 6749 3.2: an issuer is https. Behind a proxy that terminates TLS the public URL is https as well.
  if (isOpenHttp(url) && !plainHttpAllowed) {
    throw new InvalidSetting(
      'LATCHKEY_PUBLIC_URL',
      'must start with https:// unless its host is loopback (LATCHKEY_PLAIN_HTTP=allow in a closed network)',
    );
  }
  return url.origin;
}

/** Plain HTTP over a network, where secrets and tokens can be read in transit. */
export const isOpenHttp = ({ protocol, hostname }: URL): boolean =>
  protocol === 'http:' && !isLoopback(hostname);

/** A server that listens on other interfaces than loopback cannot guess the address that its clients use. */
export const lacksPublicUrl = (host: string, publicUrl = settingReader()('LATCHKEY_PUBLIC_URL')): boolean =>
  !publicUrl && !isLoopback(host.includes(':') ? `[${host}]` : host);

export const isLoopback = (hostname: string): boolean =>
  /^(localhost|.+\.localhost|127(\.\d{1,3}){3}|\[::1\])$/i.test(hostname);

/** The issuers of this server, with and without a slash at their end: no other party may be named so. */
export const issuerNames = ({ rootIssuer, oidcIssuer }: Issuers): ReadonlySet<string> =>
  new Set(
    [rootIssuer, oidcIssuer].flatMap((issuer) => {
      const bare = issuer.replace(/\/$/, '');
      return [issuer, bare, `${bare}/`];
    }),
  );

interface Issuers {
  rootIssuer: string;
  oidcIssuer: string;
}

/** The issuer of the dialects at the root, if it is not the public URL. */
export function readIssuer(value: string | undefined, oidcIssuer: string): string | undefined {
  if (value !== undefined) readUrl('LATCHKEY_ISSUER', value);
  if (value && value.length > 255)
    throw new InvalidSetting('LATCHKEY_ISSUER', 'must be at most 255 characters');
  if (value?.replace(/\/$/, '') === oidcIssuer) {
    throw new InvalidSetting(
      'LATCHKEY_ISSUER',
      'must not be the issuer of the authing dialect, which is under /oidc',
    );
  }
  return value;
}

/** RFC 3986 3: scheme, authority and the rest. */
const URI = /^([A-Za-z][A-Za-z\d+.-]*):(?:\/\/([^/?#]*))?(.*)$/s;
const AUTHORITY = /^(.*@)?(\[[^\]]*\]|[^:]*)(?::(\d*))?$/;

const DEFAULT_PORTS: Readonly<Record<string, string>> = { http: '80', https: '443' };

/**
 * One spelling for URIs that RFC 3986 6.2.2.1 and 6.2.3 call equivalent: scheme and host in lower case, without a default
 * port, `/` for an empty path. All else stays as it is, and so does text that is no URI.
 */
export function normalizedAudience(audience: string): string {
  const [, scheme, authority, rest] = URI.exec(audience) ?? [];
  if (scheme === undefined || rest === undefined) return audience;
  const name = scheme.toLowerCase();
  if (authority === undefined) return `${name}:${rest}`;
  const [, user = '', host = authority, port] = AUTHORITY.exec(authority) ?? [];
  const shown = port === undefined || port === DEFAULT_PORTS[name] ? '' : `:${port}`;
  return `${name}://${user}${host.toLowerCase()}${shown}${rest.startsWith('/') ? '' : '/'}${rest}`;
}

/** All spellings of one audience. */
export interface Spellings {
  /** Lower-case text that each of them contains, for searches. */
  part: string;
  has(audience: string): boolean;
}

export function spellingsOf(audience: string): Spellings {
  const normalized = normalizedAudience(audience);
  const [, scheme, authority, rest = ''] = URI.exec(normalized) ?? [];
  const host = AUTHORITY.exec(authority ?? '')?.[2];
  const part = scheme === undefined ? normalized : host || rest;
  return { part: part.toLowerCase(), has: (other) => normalizedAudience(other) === normalized };
}

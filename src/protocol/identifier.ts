/** Ids of clients, resources and policies: case-sensitive, no more than 64 characters. */
export const ID_SYNTAX = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

export const isId = (value: unknown): value is string => typeof value === 'string' && ID_SYNTAX.test(value);

export const MAX_AUDIENCE_LENGTH = 255;

/** RFC 3986 4.3, with a fragment. */
const ABSOLUTE_URI = /^[A-Za-z][A-Za-z\d+.-]*:(?:[\w.~:/?#[\]@!$&'()*+,;=-]|%[\dA-Fa-f]{2})+$/;

/** Without a colon, and without the quotes, brackets, query, fragment and percent-encoding that a URI may contain. */
const NAME = /^[\w.~/@!$&()*+,;=-]+$/;

/** RFC 7519 2 (StringOrURI): text that contains a colon is a URI. */
export const isAudience = (value: unknown): value is string =>
  typeof value === 'string' &&
  value.length <= MAX_AUDIENCE_LENGTH &&
  (value.includes(':') ? ABSOLUTE_URI : NAME).test(value);

export const AUDIENCE_FORM = `an absolute URI (RFC 3986), or a name of letters, digits and any of _.~/@!$&()*+,;=- , of up to ${MAX_AUDIENCE_LENGTH} characters`;

const VISIBLE = /^[\x21\x23-\x5B\x5D-\x7E]+$/;

/** Visible ASCII without quote and backslash: an audience of another issuer, or one that an earlier version stored. */
export const isForeignAudience = (value: unknown): value is string =>
  typeof value === 'string' && value.length <= MAX_AUDIENCE_LENGTH && VISIBLE.test(value);

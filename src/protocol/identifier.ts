/** Ids of clients, resources and policies: case-sensitive, no more than 64 characters. */
export const ID_SYNTAX = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

export const isId = (value: unknown): value is string => typeof value === 'string' && ID_SYNTAX.test(value);

export const MAX_AUDIENCE_LENGTH = 255;

const AUDIENCE_SYNTAX = /^[\x21\x23-\x5B\x5D-\x7E]+$/;

/** An audience that a resource may register: visible ASCII without quote and backslash (StringOrURI, RFC 7519 2). */
export const isAudience = (value: unknown): value is string =>
  typeof value === 'string' && value.length <= MAX_AUDIENCE_LENGTH && AUDIENCE_SYNTAX.test(value);

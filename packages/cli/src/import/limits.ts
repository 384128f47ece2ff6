/** The bounds of the server, so that the report names a value beyond them before the server rejects it. */
export const MAX_NAME_CHARACTERS = 255;
export const MAX_DESCRIPTION_CHARACTERS = 1000;
export const MAX_TOKEN_SECONDS = 30 * 24 * 60 * 60;

const ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const MAX_ID_CHARACTERS = 64;
const TOKEN = /^[\x21\x23-\x5B\x5D-\x7E]+$/;
const MAX_AUDIENCE_CHARACTERS = 255;
const MAX_OPERATION_CHARACTERS = 256;
const MIN_SECRET_CHARACTERS = 8;
const MAX_SECRET_CHARACTERS = 255;

export const ID_SYNTAX = '1 to 64 characters of A-Z a-z 0-9 . _ -, the first a letter or digit';
export const isId = (value: unknown): value is string => typeof value === 'string' && ID.test(value);

export const isAudience = (value: unknown): value is string =>
  typeof value === 'string' && value.length <= MAX_AUDIENCE_CHARACTERS && TOKEN.test(value);

/** A `*` within a longer name is a wildcard elsewhere; here it would be a letter. */
export const isOperation = (value: unknown): value is string =>
  typeof value === 'string' &&
  value.length <= MAX_OPERATION_CHARACTERS &&
  TOKEN.test(value) &&
  !value.includes('*');

export const isSecret = (value: unknown): value is string =>
  typeof value === 'string' &&
  [...value].length >= MIN_SECRET_CHARACTERS &&
  [...value].length <= MAX_SECRET_CHARACTERS &&
  !/\p{Control}/u.test(value);

export const isLifetime = (value: unknown): value is number =>
  Number.isInteger(value) && (value as number) > 0 && (value as number) <= MAX_TOKEN_SECONDS;

/** An id that resembles a text, such as the host and path of a URL, and is not taken. */
export function idFrom(text: string, isTaken: (id: string) => boolean): string {
  const plain = text
    .replace(/^[a-z]+:\/\//, '')
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[._-]+|[._-]+$/g, '');
  const base = plain === '' ? 'imported' : plain;
  for (let number = 1; ; number++) {
    const suffix = number === 1 ? '' : `-${number}`;
    const id = base.slice(0, MAX_ID_CHARACTERS - suffix.length) + suffix;
    if (!isTaken(id)) return id;
  }
}

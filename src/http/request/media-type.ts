import { isAscii } from 'node:buffer';
import { MIMEType } from 'node:util';

export interface MediaType {
  essence: string;
  charset: string | undefined;
}

/** No accepted type is half as long, and Node's parser takes quadratic time. */
const MAX_LENGTH = 256;
const MAX_REMEMBERED = 100;
const remembered = new Map<string, MediaType | undefined>();

/** Parses a Content-Type header; undefined if it is malformed. The few that clients send are parsed once. */
export function readMediaType(header: string): MediaType | undefined {
  if (header.length > MAX_LENGTH) return undefined;
  if (remembered.has(header)) return remembered.get(header);
  const type = parse(header);
  if (remembered.size < MAX_REMEMBERED) remembered.set(header, type);
  return type;
}

const UTF_8 = /^utf-?8$/i;

/** In these, as in UTF-8, the bytes of ASCII mean ASCII. */
const ASCII_SUPERSETS = /^(?:utf-?8|(?:us-)?ascii|iso-8859-1|latin1|windows-1252)$/i;

/** Whether a body under this label could be UTF-8 at all. */
export const isReadableCharset = ({ charset }: MediaType): boolean =>
  charset === undefined || ASCII_SUPERSETS.test(charset);

/** Bodies must be UTF-8; under the label of another readable charset, their bytes must be ASCII. */
export const isUtf8Charset = ({ charset }: MediaType, bytes: Uint8Array): boolean =>
  charset === undefined || UTF_8.test(charset) || isAscii(bytes);

function parse(header: string): MediaType | undefined {
  try {
    const { essence, params } = new MIMEType(header);
    return { essence, charset: params.get('charset') ?? undefined };
  } catch {
    return undefined;
  }
}

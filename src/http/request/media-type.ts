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

/** Bodies must be UTF-8. If all bytes are ASCII, any charset that is a superset of it is accepted. */
export const isUtf8Charset = ({ charset }: MediaType, bytes: Uint8Array): boolean =>
  charset === undefined || /^utf-?8$/i.test(charset) || isAscii(bytes);

function parse(header: string): MediaType | undefined {
  try {
    const { essence, params } = new MIMEType(header);
    return { essence, charset: params.get('charset') ?? undefined };
  } catch {
    return undefined;
  }
}

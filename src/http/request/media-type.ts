import { isAscii } from 'node:buffer';
import { MIMEType } from 'node:util';

export interface MediaType {
  essence: string;
  charset: string | undefined;
}

/** No type that is taken here is half as long, and Node's reader takes the square of the length. */
const MAX_LENGTH = 256;
const MAX_REMEMBERED = 100;
const remembered = new Map<string, MediaType | undefined>();

/** Reads a Content-Type header; nothing when it is malformed. The few that clients send are read once. */
export function readMediaType(header: string): MediaType | undefined {
  if (header.length > MAX_LENGTH) return undefined;
  if (remembered.has(header)) return remembered.get(header);
  const type = parse(header);
  if (remembered.size < MAX_REMEMBERED) remembered.set(header, type);
  return type;
}

/** Bodies are UTF-8 or nothing. Where all bytes are ASCII it does not matter which superset of it the label names. */
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

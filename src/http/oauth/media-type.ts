import { MIMEType } from 'node:util';

export interface MediaType {
  essence: string;
  charset: string | undefined;
}

const MOST_REMEMBERED = 100;
const remembered = new Map<string, MediaType | undefined>();

/** Reads a Content-Type header; nothing when it is malformed. The few that clients send are read once. */
export function readMediaType(header: string): MediaType | undefined {
  if (remembered.has(header)) return remembered.get(header);
  const type = parse(header);
  if (remembered.size < MOST_REMEMBERED) remembered.set(header, type);
  return type;
}

/** Bodies are UTF-8 or nothing. */
export const isUtf8Charset = ({ charset }: MediaType): boolean =>
  charset === undefined || /^utf-?8$/i.test(charset);

function parse(header: string): MediaType | undefined {
  try {
    const { essence, params } = new MIMEType(header);
    return { essence, charset: params.get('charset') ?? undefined };
  } catch {
    return undefined;
  }
}
